/** @import { MonoConnect, MonoConnectError } from "./index.js" */

/**
 * How far an instance has come.
 *
 * @typedef {{ readonly status: "loading", readonly mono: null, readonly error: null }
 *   | { readonly status: "ready", readonly mono: MonoConnect, readonly error: null }
 *   | { readonly status: "failed", readonly mono: null, readonly error: MonoConnectError }} ConnectionState
 */

/** @type {ConnectionState} */
export const LOADING = Object.freeze({ status: "loading", mono: null, error: null });

/** One instance for as long as somebody holds it, however many do. */
export class Connection {
  #open;
  #holders = 0;
  /** Counts starts and ends: what belongs to an earlier one comes too late. */
  #round = 0;
  #running = false;
  #state = LOADING;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {() => Promise<MonoConnect>} open */
  constructor(open) {
    this.#open = open;
  }

  state = () => this.#state;

  /**
   * Calls `listener` after every change until the returned function is called.
   *
   * @param {() => void} listener
   */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Opens it unless it is open. The returned function lets go, and the last one ends it. */
  hold = () => {
    this.#holders += 1;
    if (!this.#running) this.#start();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holders -= 1;
      // React's strict mode, and a move within the document, take hold again at once.
      queueMicrotask(() => {
        if (this.#holders === 0) this.#end();
      });
    };
  };

  /** Opens again what has failed. */
  retry = () => {
    if (this.#state.status === "failed") this.#start();
  };

  async #start() {
    this.#running = true;
    const round = (this.#round += 1);
    this.#become(LOADING);
    try {
      const mono = await this.#open();
      if (round === this.#round) this.#become({ status: "ready", mono, error: null });
      else mono.free();
    } catch (cause) {
      const error = /** @type {MonoConnectError} */ (cause);
      if (round === this.#round) this.#become({ status: "failed", mono: null, error });
    }
  }

  #end() {
    if (!this.#running) return;
    this.#running = false;
    this.#round += 1;
    const { mono } = this.#state;
    this.#become(LOADING);
    mono?.free();
  }

  /** @param {ConnectionState} state */
  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
