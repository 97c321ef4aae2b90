// Where the proxy re-authorises by hosted link, the page goes to Mono's own page and comes back.

import assert from "node:assert/strict";
import { onStage } from "./scenario.mjs";

const scenario = onStage({ env: { MONO_REAUTH: "hosted_link" } });

scenario("logging in again over a hosted link leads back to the accounts", async (demo, { simulator, proxy }) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  const before = await simulator.account(id);
  await simulator.advance("1h");
  await demo.get("toast").waitFor({ state: "detached" });

  await demo.get("reauthorise-button").click();
  await demo.page.waitForURL(`${simulator.url}/link/**`);
  await demo.page.getByTestId("demo-samuel.olamide").click();
  await demo.page.getByTestId("login-submit").click();
  await demo.page.getByTestId("widget-done").click();
  await demo.page.waitForURL((url) => url.origin === proxy.url);
  await demo.card(id).place.waitFor();
  assert.notEqual((await simulator.account(id)).logged_in_at, before.logged_in_at);
  assert.deepEqual(await demo.accountIds(), [id]);
});
