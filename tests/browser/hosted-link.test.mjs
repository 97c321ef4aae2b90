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

  // The way there is noted and not taken, until the page has done everything that it does on leaving.
  await demo.page.evaluate(() => {
    navigation.addEventListener("navigate", (event) => {
      window.wayTaken = event.destination.url;
      event.preventDefault();
    });
  });
  await demo.get("reauthorise-button").click();
  await demo.page.waitForFunction(() => window.wayTaken && document.querySelector(".is-busy") === null);
  assert.equal(await demo.get("toast").count(), 0, "nothing is claimed before it happened");
  assert.equal(await demo.get("notice-error").count(), 0);
  const way = await demo.page.evaluate(() => window.wayTaken);
  assert.ok(way.startsWith(`${simulator.url}/link/`), way);

  await demo.page.goto(way);
  await demo.page.getByTestId("demo-samuel.olamide").click();
  await demo.page.getByTestId("login-submit").click();
  await demo.page.getByTestId("widget-done").click();
  await demo.page.waitForURL((url) => url.origin === proxy.url);
  await demo.card(id).place.waitFor();
  assert.notEqual((await simulator.account(id)).logged_in_at, before.logged_in_at);
  assert.deepEqual(await demo.accountIds(), [id]);
});
