// The page's own attributes that the widget's code changes, to be put back as they were.

export class Looks {
  /** By element and attribute: what was there before, and since. */
  #changes = new Map();

  /** Notes that an attribute has just been changed. */
  note(element, name, old) {
    const changes = this.#changes.get(element) ?? new Map();
    this.#changes.set(element, changes);
    const { before } = changes.get(name) ?? { before: old };
    changes.set(name, { before, after: element.getAttribute(name) });
  }

  /** Puts back what nobody else has changed since; `set` as `Element.setAttribute`. */
  restore(set) {
    for (const [element, changes] of this.#changes) {
      for (const [name, { before, after }] of changes) {
        if (element.getAttribute(name) !== after) continue;
        if (before === null) element.removeAttribute(name);
        else set(element, name, before);
      }
    }
    this.#changes.clear();
  }
}
