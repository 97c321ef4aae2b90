const FIRST_DELAY_MS = 1000;
// The proxy asks Mono at most every five seconds: sooner than that there is nothing new.
const SECOND_DELAY_MS = 5200;
// A live feed that says nothing for so long may be broken without knowing.
const SILENCE_MS = 12000;
const LONGEST_DELAY_MS = 60000;
const GROWTH = 1.5;

/**
 * Asks about accounts on which something is under way, again and again, ever less often, and not at
 * all while nobody looks at the page. As long as the live feed speaks, it only asks after a silence.
 */
export class ProcessingWatch {
  #ask;
  #delays = new Map();
  #timers = new Map();
  #isFed = false;

  /** @param {(id: string) => Promise<boolean>} ask resolves to whether it is worth asking again */
  constructor(ask) {
    this.#ask = ask;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.hurry();
    });
  }

  start(id) {
    if (this.#delays.has(id)) return;
    this.#delays.set(id, this.#firstDelay());
    this.#schedule(id);
  }

  stop(id) {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#delays.delete(id);
  }

  /** The live feed spoke: there is nothing to ask for now. */
  fed() {
    this.#isFed = true;
    this.hurry();
  }

  /** The server could not be reached: the live feed is not to be relied on until it speaks again. */
  starved() {
    this.#isFed = false;
  }

  /** Asks soon again: the page is looked at, or the server is back. */
  hurry() {
    for (const id of this.#delays.keys()) {
      this.#delays.set(id, this.#firstDelay());
      this.#schedule(id);
    }
  }

  #firstDelay() {
    return this.#isFed ? SILENCE_MS : FIRST_DELAY_MS;
  }

  #schedule(id) {
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => this.#turn(id), this.#delays.get(id)));
  }

  async #turn(id) {
    if (document.hidden) return;
    const goOn = await this.#ask(id);
    if (!this.#delays.has(id)) return;
    if (!goOn) {
      this.stop(id);
      return;
    }
    const next = this.#isFed ? this.#delays.get(id) * GROWTH : Math.min(this.#delays.get(id), SILENCE_MS) * GROWTH;
    this.#delays.set(id, Math.min(Math.max(next, SECOND_DELAY_MS), LONGEST_DELAY_MS));
    this.#schedule(id);
  }
}
