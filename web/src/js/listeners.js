// The listeners of the widget's code, wherever in the page they are.

/** Calls a listener as a browser does. */
export function invoke(listener, self, event) {
  return typeof listener === "function" ? listener.call(self, event) : listener.handleEvent(event);
}

const isCapture = (options) => Boolean(typeof options === "object" ? options?.capture : options);

export class Listeners {
  /** Makes a callback run as the widget's code does. */
  #ours;
  #list = [];
  /** What the widget's code has put at `window.onmessage`. */
  onmessage = null;

  constructor(ours) {
    this.#ours = ours;
  }

  /** A listener of the window's for messages is kept here, because only some reach it; any other is noted. */
  add(add, target, kind, listener, options) {
    if (listener === null || (typeof listener !== "function" && typeof listener !== "object")) return;
    const entry = { target, kind, listener, capture: isCapture(options), once: options?.once === true, signal: options?.signal };
    if (this.#find(entry)) return;
    this.#list.push(entry);
    if (target === window && kind === "message") return;
    entry.heard = this.#ours(function (event) {
      return invoke(listener, this, event);
    });
    add.call(target, kind, entry.heard, options);
  }

  remove(remove, target, kind, listener, options) {
    const entry = this.#find({ target, kind, listener, capture: isCapture(options) });
    this.#list = this.#list.filter((it) => it !== entry);
    remove.call(target, kind, entry?.heard ?? listener, options);
  }

  get hearsMessages() {
    return this.#forMessages().length > 0;
  }

  /** Who gets a message, each once where that is what it wants. */
  *take() {
    for (const entry of this.#forMessages()) {
      if (entry.once) this.#list = this.#list.filter((it) => it !== entry);
      if (!entry.signal?.aborted) yield entry.listener;
    }
  }

  /** Removes all of them. */
  clear() {
    for (const { target, kind, heard, capture } of this.#list) {
      if (heard) target.removeEventListener(kind, heard, capture);
    }
    this.#list = [];
    this.onmessage = null;
  }

  #forMessages() {
    const list = this.#list.filter(({ heard }) => !heard);
    return typeof this.onmessage === "function" ? [...list, { listener: this.onmessage }] : list;
  }

  #find({ target, kind, listener, capture }) {
    return this.#list.find((it) => it.target === target && it.kind === kind && it.listener === listener && it.capture === capture);
  }
}

/** Lets the page know of an error as an unhandled rejection, without disturbing whoever runs. */
export function report(error) {
  Promise.reject(error);
}

/** The `type` of what a message says, whatever it says. */
export function kindOf(event) {
  try {
    return event.data?.type;
  } catch {
    return undefined;
  }
}
