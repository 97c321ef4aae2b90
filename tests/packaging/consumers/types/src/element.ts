// The custom element as a page's author sees it.

import type { Account, MonoConnectErrorCode } from "mono-connect";
import { MonoConnectButton, type MonoConnectButtonEvents } from "mono-connect/element";

export const made: MonoConnectButton = document.createElement("mono-connect-button");
const found = document.querySelector("mono-connect-button");

made.proxyUrl = "/";
made.accountId = null;
made.disabled = false;
made.customer = { id: "c1" };
made.consent = { version: "1" };
made.addEventListener("mono-linked", (event) => {
  const account: Account = event.detail;
  void account;
});
found?.addEventListener("mono-error", function (event) {
  const code: MonoConnectErrorCode = event.detail.code;
  const button: MonoConnectButton = this;
  void [code, button];
});
made.addEventListener("click", (event) => void event.clientX);
made.addEventListener("something-else", (event) => void event.type);

export function dismissed(event: MonoConnectButtonEvents["mono-dismissed"]): string {
  return event.detail.code;
}

// @ts-expect-error only the element knows
made.busy = true;
// @ts-expect-error no text
made.customer = "c1";
