"use client";

import { createContext, createElement, useContext, useEffect, useInsertionEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { AccountsFeed, NO_ACCOUNTS } from "./accounts.js";
import { Connection, LOADING } from "./connection.js";
import init, { MonoConnect } from "./index.js";

/** @typedef {{ connection: Connection, feed: AccountsFeed }} Shared */

const Shared = createContext(/** @type {Shared | null} */ (null));

/** @type {typeof import("./react.d.ts").MonoConnectProvider} */
export function MonoConnectProvider({ children, wasm, ...options }) {
  const latest = useRef(options);
  useInsertionEffect(() => {
    latest.current = options;
  });
  const { proxyUrl, connect, timeoutMs, nonce } = options;
  const hasToken = options.token !== undefined;
  const hasRedirect = options.redirect !== undefined;
  const shared = useMemo(() => {
    const connection = new Connection(async () => {
      await init(wasm);
      return MonoConnect.create({
        ...latest.current,
        onEvent: (name, data) => latest.current.onEvent?.(name, data),
        // A new function with every rendering is no reason for a new instance.
        ...(hasToken && { token: () => latest.current.token?.() ?? "" }),
        ...(hasRedirect && { redirect: (url) => latest.current.redirect?.(url) }),
      });
    });
    return { connection, feed: new AccountsFeed(connection) };
    // Where the module comes from matters only once.
  }, [proxyUrl, connect, timeoutMs, nonce, hasToken, hasRedirect]);
  useEffect(() => shared.connection.hold(), [shared]);
  return createElement(Shared.Provider, { value: shared }, children);
}

/** @type {typeof import("./react.d.ts").useMonoConnect} */
export function useMonoConnect() {
  const { connection } = useShared("useMonoConnect");
  const state = useSyncExternalStore(connection.subscribe, connection.state, () => LOADING);
  return useMemo(() => ({ ...state, retry: connection.retry }), [state, connection]);
}

/** @type {typeof import("./react.d.ts").useAccounts} */
export function useAccounts() {
  const { feed } = useShared("useAccounts");
  return useSyncExternalStore(feed.subscribe, feed.state, () => NO_ACCOUNTS);
}

/** @param {string} hook */
function useShared(hook) {
  const shared = useContext(Shared);
  if (shared) return shared;
  throw new Error(`${hook}() needs a <MonoConnectProvider> around the component that calls it.`);
}
