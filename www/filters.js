const TYPING_MS = 400;

/** Which transactions are to be shown. */
export class Filters {
  #form;
  #onChange;
  #timer = null;
  #told = "{}";

  /** @param {{onChange: () => void}} parts called when other transactions are to be shown than before */
  constructor(form, { onChange }) {
    this.#form = form;
    this.#onChange = onChange;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#tell();
    });
    form.addEventListener("change", () => this.#tell());
    form.elements.narration.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#tell(), TYPING_MS);
    });
    form.querySelector("#filter-clear").addEventListener("click", () => {
      this.clear();
      form.elements.narration.focus();
      this.#onChange();
    });
    this.#showClear();
  }

  /** As a query; empty when everything is to be shown. */
  read() {
    const { start, end, type, narration } = this.#form.elements;
    const given = { start: start.value, end: end.value, type: type.value, narration: narration.value.trim() };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  }

  get isEmpty() {
    return Object.keys(this.read()).length === 0;
  }

  /** Shows everything again; tells nobody. */
  clear() {
    clearTimeout(this.#timer);
    this.#form.reset();
    this.#complain("");
    this.#told = "{}";
    this.#showClear();
  }

  #tell() {
    clearTimeout(this.#timer);
    const { start, end } = this.read();
    const isWrong = Boolean(start && end && end < start);
    this.#complain(isWrong ? "The last day is before the first." : "");
    this.#showClear();
    const query = JSON.stringify(this.read());
    if (isWrong || query === this.#told) return;
    this.#told = query;
    this.#onChange();
  }

  #complain(complaint) {
    const { end } = this.#form.elements;
    this.#form.querySelector("#filter-error").textContent = complaint;
    if (complaint) end.setAttribute("aria-invalid", "true");
    else end.removeAttribute("aria-invalid");
  }

  #showClear() {
    this.#form.querySelector("#filter-clear").disabled = this.isEmpty;
  }
}
