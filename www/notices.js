import { element } from "./elements.js";
import { describe } from "./messages.js";

const TOAST_LIFE_MS = 6000;

/**
 * A place on the page for what went wrong. It says one thing at a time and forgets none: "Try again"
 * repeats everything that failed.
 */
export class Notice {
  #place;
  #neighbour;
  /** What failed, by what was tried. */
  #failures = new Map();

  /** @param {HTMLElement} neighbour takes the focus when the button that had it goes away */
  constructor(place, neighbour) {
    this.#place = place;
    this.#neighbour = neighbour;
  }

  /**
   * Says what went wrong.
   *
   * @param {unknown} error
   * @param {(() => unknown) | null} again repeats what was tried, where it helps
   * @param {{about?: string, quiet?: boolean}} [what] `about`: what was tried; `quiet`: nobody asked for it, so what
   *   somebody asked for is told first
   */
  showError(error, again = null, { about = "", quiet = false } = {}) {
    // An error without a code is a fault of this page's own: its developer should see it.
    if (!error?.code) reportError(error);
    this.#failures.set(about, { told: describe(error), again, quiet });
    this.#show();
  }

  #show() {
    const failures = [...this.#failures.values()];
    const first = failures.find(({ quiet }) => !quiet) ?? failures[0];
    if (!first) {
      this.#place.replaceChildren();
      return;
    }
    const { code, title, advice, calm, requestId } = first.told;
    const notice = element(
      "div",
      { class: `notice notice--${calm ? "calm" : "error"}`, role: calm ? "status" : "alert", "data-code": code, testid: calm ? "notice-calm" : "notice-error" },
      element("p", { class: "notice__title", text: title }),
      element("p", { class: "notice__advice", text: advice }),
    );
    if (requestId && !calm) {
      notice.append(element("p", { class: "notice__support" }, "Request number for support: ", element("code", { text: requestId, testid: "request-id" })));
    }
    if (failures.some(canBeRepeated)) {
      notice.append(element("button", { class: "button button--small", type: "button", testid: "try-again", onclick: () => this.#repeat() }, "Try again"));
    }
    this.#place.replaceChildren(notice);
  }

  async #repeat() {
    const hadFocus = this.#place.contains(document.activeElement);
    await Promise.all([...this.#failures.values()].filter(canBeRepeated).map(({ again }) => again()));
    const wentAway = document.activeElement === null || document.activeElement === document.body;
    if (hadFocus && wentAway) (this.#place.querySelector("button") ?? this.#neighbour).focus();
  }

  /** Forgets what went wrong with one thing, or with everything. */
  clear(about = null) {
    if (about === null) this.#failures.clear();
    else if (!this.#failures.delete(about)) return;
    this.#show();
  }

  get isShown() {
    return this.#failures.size > 0;
  }
}

function canBeRepeated({ told, again }) {
  return Boolean(again && told.again);
}

/** Says in passing that something worked. */
export function toast(text) {
  const bubble = element("div", { class: "toast", testid: "toast" }, element("span", { text }));
  bubble.append(element("button", { class: "toast__close", type: "button", "aria-label": "Dismiss", onclick: () => bubble.remove() }, "×"));
  let timer = setTimeout(() => bubble.remove(), TOAST_LIFE_MS);
  const hold = () => clearTimeout(timer);
  const release = () => {
    clearTimeout(timer);
    timer = setTimeout(() => bubble.remove(), TOAST_LIFE_MS);
  };
  bubble.addEventListener("pointerenter", hold);
  bubble.addEventListener("pointerleave", release);
  bubble.addEventListener("focusin", hold);
  bubble.addEventListener("focusout", release);
  document.getElementById("toasts").append(bubble);
}

/** Tells those who listen to the page what others see happen on it. */
export function announce(text) {
  document.getElementById("announcements").textContent = text;
}
