// The same page with Mono's own widget package, today's version, against `https://connect.mono.co` on loopback.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { assertNoTrouble, onStage } from "./scenario.mjs";

const CONNECT = createRequire(import.meta.url).resolve("connect-2.2.0");
const WIDGET_ORIGIN = "https://connect.mono.co";

// The proxy's own default for the widget's origins is part of what is tested.
const scenario = onStage({ mapToTls: ["connect.mono.co"], env: { MONO_WIDGET_ORIGINS: undefined } });
const withConnect = { initScript: CONNECT };

scenario(
  "2.2.0 links an account",
  async (demo) => {
    await demo.openReady();
    assert.equal(await demo.page.evaluate(() => typeof window.Connect.prototype.fetchInstitutions), "function", "this is the real class");
    await demo.clickLink();
    await demo.widget.opened();
    const address = new URL(await demo.widget.address());
    assert.equal(address.origin, WIDGET_ORIGIN);
    assert.equal(address.searchParams.get("version"), "2023-12-14");
    await demo.widget.linkAccount({ bank: "GTBank" });
    await demo.get("account-card").waitFor();
    const [id] = await demo.accountIds();
    await demo.card(id).becomes("AVAILABLE");
    await demo.transactions();
    assert.equal(await demo.widget.remains(), 0);
    assertNoTrouble(demo);
  },
  withConnect,
);

scenario(
  "2.2.0 links an account at a bank with a one-time password",
  async (demo) => {
    await demo.openReady();
    const id = await demo.link({ bank: "Access Bank" });
    await demo.card(id).becomes("AVAILABLE");
    assertNoTrouble(demo);
  },
  withConnect,
);

scenario(
  "2.2.0 closed by its user leaves nothing behind, and opens again",
  async (demo) => {
    await demo.openReady();
    for (let round = 0; round < 2; round += 1) {
      await demo.clickLink();
      await demo.widget.close();
      assert.equal((await demo.calmNotice("link-notice")).code, "dismissed");
      assert.equal(await demo.widget.remains(), 0);
    }
    await demo.link({ bank: "GTBank" });
    assertNoTrouble(demo);
  },
  withConnect,
);

scenario(
  "2.2.0 logs in again by account id",
  async (demo, { simulator }) => {
    await demo.openReady();
    const id = await demo.link({ bank: "GTBank" });
    await demo.card(id).becomes("AVAILABLE");
    const before = await simulator.account(id);
    await simulator.advance("1h");

    await demo.get("reauthorise-button").click();
    await demo.widget.opened();
    const address = new URL(await demo.widget.address());
    assert.equal(JSON.parse(address.searchParams.get("data")).account, id);
    await demo.widget.logInAgain();
    await demo.get("toast").filter({ hasText: "logged in again" }).waitFor();
    assert.notEqual((await simulator.account(id)).logged_in_at, before.logged_in_at);
    assert.deepEqual(await demo.accountIds(), [id]);
    assertNoTrouble(demo);
  },
  withConnect,
);

scenario(
  "closing the window while logging in again changes nothing",
  async (demo) => {
    await demo.openReady();
    const id = await demo.link({ bank: "GTBank" });
    await demo.card(id).becomes("AVAILABLE");
    await demo.get("reauthorise-button").click();
    await demo.widget.close();
    assert.equal((await demo.calmNotice("detail-notice")).code, "dismissed");
    assert.equal(await demo.focused(), "reauthorise-button");
    assert.equal(await demo.card(id).status(), "AVAILABLE");
  },
  withConnect,
);
