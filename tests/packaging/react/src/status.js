// What the hooks say, as text. Without JSX, so that node can render it too.

import { createElement as h } from "react";
import { MonoConnectProvider, useAccounts, useMonoConnect } from "mono-connect/react";

export function Status() {
  const { status, error, retry } = useMonoConnect();
  return h("div", null, h("output", null, `${status} ${error?.code ?? "fine"}`), h("button", { onClick: retry }, "retry"));
}

function Count({ name }) {
  const { status, accounts } = useAccounts();
  return h("p", { title: name }, `${status} ${accounts.length}`);
}

export function Page(props) {
  return h(MonoConnectProvider, props, h(Status), h(Count, { name: "first" }), h(Count, { name: "second" }));
}
