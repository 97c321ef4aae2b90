import { element } from "./elements.js";
import { describe } from "./messages.js";

const TOAST_LIFE_MS = 6000;

/** A place on the page that says one thing at a time. */
export class Notice {
  #place;
  #neighbour;

  /** @param {HTMLElement} neighbour takes the focus when the button that had it goes away */
  constructor(place, neighbour) {
    this.#place = place;
    this.#neighbour = neighbour;
  }

  /** Says what went wrong; `again`, where it helps, repeats the action. */
  showError(error, again = null) {
    const { code, title, advice, calm, again: worthAgain, requestId } = describe(error);
    // An error without a code is a fault of this page's own: its developer should see it.
    if (!error?.code) reportError(error);
    const notice = element(
      "div",
      { class: `notice notice--${calm ? "calm" : "error"}`, role: calm ? "status" : "alert", "data-code": code, testid: calm ? "notice-calm" : "notice-error" },
      element("p", { class: "notice__title", text: title }),
      element("p", { class: "notice__advice", text: advice }),
    );
    if (requestId && !calm) {
      notice.append(element("p", { class: "notice__support" }, "Request number for support: ", element("code", { text: requestId, testid: "request-id" })));
    }
    if (again && worthAgain) {
      notice.append(element("button", { class: "button button--small", type: "button", testid: "try-again", onclick: () => this.#repeat(again) }, "Try again"));
    }
    this.#place.replaceChildren(notice);
  }

  async #repeat(again) {
    const hadFocus = this.#place.contains(document.activeElement);
    await again();
    const wentAway = document.activeElement === null || document.activeElement === document.body;
    if (hadFocus && wentAway) (this.#place.querySelector("button") ?? this.#neighbour).focus();
  }

  clear() {
    this.#place.replaceChildren();
  }

  get isShown() {
    return this.#place.childElementCount > 0;
  }
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
