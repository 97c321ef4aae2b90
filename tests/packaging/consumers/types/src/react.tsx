// The React part as a component's author sees it.

import type { Account, MonoConnectError } from "mono-connect";
import { MonoConnectProvider, useAccounts, useMonoConnect, type AccountsState, type MonoConnectState } from "mono-connect/react";

export function Root() {
  return (
    <MonoConnectProvider proxyUrl="/" wasm="/mono_connect_bg.wasm" onEvent={(name) => void name}>
      <LinkButton />
    </MonoConnectProvider>
  );
}

export function LinkButton() {
  const connection: MonoConnectState = useMonoConnect();
  const known: AccountsState = useAccounts();
  if (connection.status === "failed") {
    const error: MonoConnectError = connection.error;
    return <button onClick={connection.retry}>{error.message}</button>;
  }
  const accounts: readonly Account[] = known.accounts;
  // @ts-expect-error what everybody shares is not to be changed
  accounts.push();
  // @ts-expect-error there is no instance until it is ready
  void connection.mono.close();
  return (
    <button disabled={connection.status !== "ready"} onClick={() => connection.mono?.link()}>
      {accounts.length}
    </button>
  );
}

// @ts-expect-error an option that nobody knows
export const wrong = <MonoConnectProvider proxyURL="/" />;
