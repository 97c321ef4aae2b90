import { isBusy, setBusy } from "./elements.js";
import { clock, dateAndTime } from "./format.js";

const SECOND_MS = 1000;
const FETCHING = "Fetching from your bank…";
const ENDINGS = {
  synced: ["Up to date. Your bank has nothing new.", "good"],
  reauthorisation_required: ["Your bank asks you to log in again first.", "warn"],
  failed: ["Your bank gave no answer. Nothing was changed.", "bad"],
  too_early: ["That was too soon. Please wait for the countdown.", "warn"],
};
const NEWS = ["New data from your bank.", "good"];

/** The button that asks the bank for fresh data, with how it goes and when it may be used again. */
export class RefreshPanel {
  #button;
  #progress;
  #note;
  #allowedAt = 0;
  #isRunning = false;
  #timer = null;

  /** @param {{button: HTMLElement, progress: HTMLElement, note: HTMLElement, onRefresh: () => void}} parts */
  constructor({ button, progress, note, onRefresh }) {
    this.#button = button;
    this.#progress = progress;
    this.#note = note;
    button.addEventListener("click", () => {
      if (!isBusy(button)) onRefresh();
    });
    // Timers of a page that nobody looks at are late.
    document.addEventListener("visibilitychange", () => this.#tick());
  }

  /**
   * @param {{isRunning: boolean, allowedAt: number, result: {status: string, hasNews: boolean} | null, lastSync: {outcome: string, at: string} | null}} state
   */
  show({ isRunning, allowedAt, result, lastSync }) {
    this.#isRunning = isRunning;
    this.#allowedAt = allowedAt;
    this.#progress.hidden = !isRunning;
    this.#button.setAttribute("aria-busy", String(isRunning));
    const [text, mood] = isRunning ? [FETCHING, "busy"] : ending(result, lastSync);
    // The same words again would be announced again.
    if (this.#note.textContent !== text) this.#note.textContent = text;
    this.#note.dataset.mood = mood;
    this.#tick();
  }

  #tick() {
    clearTimeout(this.#timer);
    const left = this.#allowedAt - Date.now();
    if (this.#isRunning) {
      setBusy(this.#button, true, "Refreshing…");
      return;
    }
    setBusy(this.#button, false, left > 0 ? `Refresh in ${clock(left)}` : "Refresh now");
    if (left <= 0) return;
    this.#button.setAttribute("aria-disabled", "true");
    this.#timer = setTimeout(() => this.#tick(), left % SECOND_MS || SECOND_MS);
  }
}

function ending(result, lastSync) {
  if (result) return result.hasNews && result.status === "synced" ? NEWS : (ENDINGS[result.status] ?? ENDINGS.synced);
  if (lastSync?.outcome === "synced") return [`Last fetched ${dateAndTime(lastSync.at)}.`, "calm"];
  if (lastSync?.outcome === "failed") return [`Your bank gave no answer on ${dateAndTime(lastSync.at)}. Nothing was changed.`, "warn"];
  return ["Refresh to ask your bank for news.", "calm"];
}
