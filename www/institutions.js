import { element } from "./elements.js";
import { words } from "./format.js";

/** Which bank to link, chosen before Mono's window opens. Without a choice the window asks. */
export class BankChoice {
  #select;

  constructor(select) {
    this.#select = select;
  }

  async fill(mono) {
    if (this.#select.options.length > 1) return;
    let institutions;
    try {
      ({ institutions } = await mono.institutions());
    } catch {
      // Then the window asks, as it does anyway.
      return;
    }
    const kinds = Map.groupBy(institutions, ({ type }) => type ?? "");
    for (const [kind, banks] of kinds) {
      const options = banks.toSorted((one, other) => one.name.localeCompare(other.name)).map(({ id, name }) => element("option", { value: id, text: name }));
      this.#select.append(kinds.size > 1 && kind ? element("optgroup", { label: words(kind) }, ...options) : document.createDocumentFragment(), ...(kinds.size > 1 && kind ? [] : options));
    }
    this.#select.dataset.filled = "true";
  }

  /** Undefined when the window is to ask. */
  read() {
    return this.#select.value ? { id: this.#select.value } : undefined;
  }
}
