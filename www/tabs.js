import { element } from "./elements.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** Tabs: arrow keys move and choose, and only the chosen one can be reached with Tab. */
export class Tabs {
  #tabs;
  #onChoose;
  #chosen;

  /**
   * @param {HTMLElement} list
   * @param {{id: string, label: string, panel: HTMLElement}[]} tabs the first one is chosen
   * @param {(id: string) => void} onChoose
   */
  constructor(list, tabs, onChoose) {
    this.#onChoose = onChoose;
    this.#tabs = tabs.map(({ id, label, panel }) => {
      const button = element("button", { class: "tab", type: "button", role: "tab", id: `tab-${id}`, "aria-controls": panel.id, testid: `tab-${id}`, text: label, onclick: () => this.choose(id) });
      panel.setAttribute("aria-labelledby", button.id);
      return { id, panel, button };
    });
    list.append(...this.#tabs.map(({ button }) => button));
    list.addEventListener("keydown", (event) => this.#onKey(event));
    this.#chosen = tabs[0].id;
    this.#show();
  }

  get chosen() {
    return this.#chosen;
  }

  choose(id) {
    if (id === this.#chosen) return;
    this.#chosen = id;
    this.#show();
    this.#onChoose(id);
  }

  #show() {
    for (const { id, panel, button } of this.#tabs) {
      const isChosen = id === this.#chosen;
      button.setAttribute("aria-selected", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
      if (isChosen) button.scrollIntoView({ block: "nearest", inline: "nearest" });
      panel.hidden = !isChosen;
    }
  }

  #onKey(event) {
    const count = this.#tabs.length;
    const here = this.#tabs.findIndex(({ id }) => id === this.#chosen);
    const target = { Home: 0, End: count - 1 }[event.key] ?? (event.key in STEPS ? (here + STEPS[event.key] + count) % count : null);
    if (target === null) return;
    event.preventDefault();
    const { id, button } = this.#tabs[target];
    button.focus();
    this.choose(id);
  }
}
