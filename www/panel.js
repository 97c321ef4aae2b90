import { element } from "./elements.js";
import { Notice } from "./notices.js";

/**
 * One kind of data of the selected account: fetched when it is looked at, and again when it may be another.
 * What it is and how it looks is for others to say.
 */
export class Panel {
  #body = element("div", { class: "panel__body" });
  #notice;
  #read;
  #draw;
  #account = null;
  #isFresh = false;
  #turn = 0;

  /**
   * @param {HTMLElement} place
   * @param {{read: (account: object) => Promise<unknown>, draw: (found: any, account: object) => (Node | null)[]}} kind
   */
  constructor(place, { read, draw }) {
    this.#read = read;
    this.#draw = draw;
    const complaint = element("div", { class: "panel__notice", testid: `${place.id}-notice` });
    this.#notice = new Notice(complaint, place);
    place.append(complaint, this.#body);
  }

  /** Looks at an account. */
  open(account) {
    if (this.#isFresh && this.#account?.id === account.id) return Promise.resolve();
    if (this.#account?.id !== account.id) this.#body.replaceChildren();
    this.#account = account;
    return this.load();
  }

  /** What is shown may not be true any more. */
  stale() {
    this.#isFresh = false;
  }

  async load() {
    this.#turn += 1;
    const [turn, account] = [this.#turn, this.#account];
    this.#isFresh = true;
    this.#notice.clear();
    this.#showLoading();
    try {
      const found = await this.#read(account);
      if (turn !== this.#turn) return;
      const focused = this.#body.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
      this.#body.replaceChildren(...this.#draw(found, account).filter(Boolean));
      if (focused) this.#body.querySelector(`[data-testid="${focused}"]`)?.focus();
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#isFresh = false;
      if (this.#body.querySelector(".panel__loading")) this.#body.replaceChildren();
      this.#notice.showError(error, () => this.load());
    } finally {
      if (turn === this.#turn) this.#body.removeAttribute("aria-busy");
    }
  }

  /** What was there stays, dimmed, until the new is there. */
  #showLoading() {
    this.#body.setAttribute("aria-busy", "true");
    if (this.#body.childElementCount > 0) return;
    this.#body.append(
      element(
        "div",
        { class: "panel__loading" },
        element("p", { class: "visually-hidden", role: "status", text: "Loading" }),
        element("div", { class: "rows-skeleton", "aria-hidden": "true" }, ...Array.from({ length: 5 }, () => element("i"))),
      ),
    );
  }
}
