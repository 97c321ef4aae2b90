/** @import { Connection } from "./connection.js" */
/** @import { Account, MonoConnect, MonoConnectError, Subscription, WatchEvent } from "./index.js" */
/** @import { AccountsState } from "./react.js" */

/** @type {AccountsState} */
export const NO_ACCOUNTS = Object.freeze({ status: "loading", accounts: [], error: null });

/** The accounts behind a connection, followed for as long as somebody listens. */
export class AccountsFeed {
  #connection;
  #state = NO_ACCOUNTS;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {(() => void) | null} */
  #leave = null;
  /** @type {MonoConnect | null} */
  #mono = null;
  /** @type {Subscription | null} */
  #subscription = null;

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  state = () => this.#state;

  /** @param {() => void} listener */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    if (!this.#leave) {
      this.#leave = this.#connection.subscribe(this.#follow);
      this.#follow();
    }
    return () => {
      this.#listeners.delete(listener);
      // React's strict mode, and one component in the place of another, subscribe again at once.
      queueMicrotask(() => {
        if (this.#listeners.size === 0) this.#end();
      });
    };
  };

  #follow = () => {
    const { status, mono, error } = this.#connection.state();
    if (error) this.#fail(error);
    // Opened again after a failure, it has told nothing yet.
    if (status === "loading" && this.#state.status === "failed") {
      this.#become({ status, accounts: this.#state.accounts, error });
    }
    if (mono === this.#mono) return;
    this.#subscription?.close();
    this.#subscription = null;
    this.#mono = mono;
    if (!mono) return;
    try {
      this.#subscription = mono.watch(this.#hear, { onError: this.#fail });
    } catch (cause) {
      this.#fail(/** @type {MonoConnectError} */ (cause));
    }
  };

  /** @param {MonoConnectError} error */
  #fail = (error) => {
    this.#become({ status: "failed", accounts: this.#state.accounts, error });
  };

  /** @param {WatchEvent} event */
  #hear = (event) => {
    if (event.type === "job") return;
    this.#become({ status: "live", accounts: after(this.#state.accounts, event), error: null });
  };

  #end() {
    this.#leave?.();
    this.#leave = null;
    this.#subscription?.close();
    this.#subscription = null;
    this.#mono = null;
    this.#state = NO_ACCOUNTS;
  }

  /** @param {AccountsState} state */
  #become(state) {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * @param {readonly Account[]} accounts
 * @param {Exclude<WatchEvent, { type: "job" }>} event
 * @returns {readonly Account[]}
 */
function after(accounts, event) {
  if (event.type === "snapshot") return event.accounts;
  if (event.type === "removed") return accounts.filter(({ id }) => id !== event.accountId);
  const { account } = event;
  const known = accounts.some(({ id }) => id === account.id);
  return known ? accounts.map((old) => (old.id === account.id ? account : old)) : [...accounts, account];
}
