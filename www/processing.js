const FIRST_DELAY_MS = 1000;
// The proxy asks Mono at most every five seconds: sooner than that there is nothing new.
const SECOND_DELAY_MS = 5200;
const LONGEST_DELAY_MS = 60000;
const GROWTH = 1.5;

/**
 * Asks about accounts whose data Mono is still fetching, again and again, ever less often,
 * and not at all while nobody looks at the page.
 */
export class ProcessingWatch {
  #ask;
  #delays = new Map();
  #timers = new Map();

  /** @param {(id: string) => Promise<boolean>} ask resolves to whether it is worth asking again */
  constructor(ask) {
    this.#ask = ask;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.hurry();
    });
  }

  start(id) {
    if (this.#delays.has(id)) return;
    this.#delays.set(id, FIRST_DELAY_MS);
    this.#schedule(id);
  }

  stop(id) {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#delays.delete(id);
  }

  /** Asks soon again: the page is looked at, or the server is back. */
  hurry() {
    for (const id of this.#delays.keys()) {
      this.#delays.set(id, FIRST_DELAY_MS);
      this.#schedule(id);
    }
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
    const next = Math.max(this.#delays.get(id) * GROWTH, SECOND_DELAY_MS);
    this.#delays.set(id, Math.min(next, LONGEST_DELAY_MS));
    this.#schedule(id);
  }
}
