import type { ReactElement, ReactNode } from "react";
import type { Account, CreateOptions, InitSource, MonoConnect, MonoConnectError } from "./index.js";

/** What {@link MonoConnectProvider} takes: everything that `MonoConnect.create()` does, and more. */
export interface MonoConnectProviderProps extends CreateOptions {
  /** Where the WebAssembly module is, when the bundler does not find it by itself. Counts once. */
  wasm?: InitSource;
  /** Who may use the hooks. */
  children?: ReactNode;
}

/**
 * Holds one instance for everything inside it: loads the WebAssembly module and opens the instance
 * when it is mounted, and frees it when it is unmounted.
 *
 * Another `proxyUrl`, `connect`, `timeoutMs` or `nonce` makes a new instance; another function does not, and
 * the newest is called.
 */
export function MonoConnectProvider(props: MonoConnectProviderProps): ReactElement;

/** What {@link useMonoConnect} returns: the instance, once it is there. */
export type MonoConnectState =
  | { readonly status: "loading"; readonly mono: null; readonly error: null; readonly retry: () => void }
  | { readonly status: "ready"; readonly mono: MonoConnect; readonly error: null; readonly retry: () => void }
  | { readonly status: "failed"; readonly mono: null; readonly error: MonoConnectError; readonly retry: () => void };

/** The provider's instance. `loading` while a server renders. `retry()` opens again what failed. */
export function useMonoConnect(): MonoConnectState;

/** What {@link useAccounts} returns. `accounts` is what was told last, also after a failure. */
export type AccountsState =
  | { readonly status: "loading"; readonly accounts: readonly Account[]; readonly error: null }
  | { readonly status: "live"; readonly accounts: readonly Account[]; readonly error: null }
  | { readonly status: "failed"; readonly accounts: readonly Account[]; readonly error: MonoConnectError };

/**
 * The caller's accounts, live: rendered again with every change, in this tab or elsewhere.
 *
 * However many components ask, there is one stream, and none when nobody asks.
 */
export function useAccounts(): AccountsState;
