/**
 * Builds a DOM element. Text is always set as text, never as markup: much of it comes from banks.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `class`, `text`, `testid`, `onclick`, or any attribute; null and false leave it out
 * @param {...(Node | string | null)} children
 */
export function element(tag, attributes = {}, ...children) {
  const built = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") built.textContent = value;
    else if (name === "testid") built.dataset.testid = value;
    else if (name.startsWith("on")) built.addEventListener(name.slice(2), value);
    else built.setAttribute(name, value === true ? "" : value);
  }
  built.append(...children.filter((child) => child !== null));
  return built;
}

/** Says in the place of data why there is none. */
export function quietly(title, advice, ...more) {
  return element("div", { class: "quiet", testid: "quiet" }, element("p", { class: "quiet__title", text: title }), element("p", { text: advice }), ...more);
}

/** Words that only a screen reader speaks. */
export function spoken(text) {
  return element("span", { class: "visually-hidden", text });
}

/** Shows on a button that its work is under way. It keeps its width and its focus. */
export function setBusy(button, busy, label) {
  button.setAttribute("aria-disabled", String(busy));
  button.classList.toggle("is-busy", busy);
  button.querySelector(".button__label").textContent = label;
}

/** Whether a button does nothing for now. It can still have the focus. */
export function isBusy(button) {
  return button.getAttribute("aria-disabled") === "true";
}
