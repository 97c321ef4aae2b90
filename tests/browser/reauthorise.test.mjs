// An account whose bank wants its user: the banner comes and goes by itself. With Mono's own widget, today's version.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { eventually, picture } from "./harness.mjs";
import { assertNoTrouble, onStage } from "./scenario.mjs";

const CONNECT = createRequire(import.meta.url).resolve("connect-2.2.0");
const scenario = onStage({ mapToTls: ["connect.mono.co"], env: { MONO_WIDGET_ORIGINS: undefined } });
const withConnect = { initScript: CONNECT };

scenario(
  "a bank with one-time passwords asks for its user, and the banner goes when Mono has confirmed the login",
  async (demo) => {
    await demo.openReady();
    const id = await demo.link({ bank: "Access Bank" });
    await demo.card(id).becomes("AVAILABLE");
    const other = await demo.anotherTab();
    await other.openReady();
    const askedByOther = other.asked();
    await demo.page.bringToFront();
    const rows = await demo.transactions();

    await demo.get("refresh-button").click();
    await demo.get("account-reauth").waitFor();
    assert.match(await demo.card(id).text("account-reauth-title"), /Access Bank asks you to log in again/);
    assert.match(await demo.card(id).text("account-reauth-since"), /Since \d+ \w+ \d{4}/);
    await demo.refreshNote("log in again");
    await demo.get("announcements").filter({ hasText: "Access Bank asks you to log in again" }).waitFor();
    assert.deepEqual(await demo.transactions(), rows, "what was there stays");
    await other.get("account-reauth").waitFor();
    await demo.get("toast").waitFor({ state: "detached" });
    await picture(demo.page, "reauth-banner");

    await demo.get("account-reauthorise").click();
    await demo.widget.opened();
    assert.equal(JSON.parse(new URL(await demo.widget.address()).searchParams.get("data")).account, id);
    await demo.widget.logInAgain();
    await demo.get("account-reauth").waitFor({ state: "detached" });
    await demo.get("toast").filter({ hasText: "logged in again" }).waitFor();
    assert.equal(await demo.get("toast").count(), 1, "it is said once");
    assert.deepEqual(await demo.accountIds(), [id]);

    await other.get("account-reauth").waitFor({ state: "detached" });
    await other.get("toast").filter({ hasText: "logged in again" }).waitFor();
    assert.ok(!askedByOther.some((call) => /^GET \/api\/accounts(\/[^/]+)?$/.test(call)), `the other tab was told: ${askedByOther.join()}`);
    assertNoTrouble(demo);
  },
  withConnect,
);

scenario(
  "a login alone takes no banner away, Mono's word does",
  async (demo, { simulator }) => {
    await demo.openReady();
    const id = await demo.link({ bank: "GTBank" });
    await demo.card(id).becomes("AVAILABLE");
    await demo.transactions();
    await simulator.change(id, { reauth_required: true });
    await demo.get("refresh-button").click();
    await demo.get("account-reauth").waitFor();

    // Mono's word is held back: the login alone changes nothing.
    await simulator.settings({ webhook: { drop: ["*"] } });
    await demo.get("account-reauthorise").focus();
    await demo.page.keyboard.press("Enter");
    await demo.widget.logInAgain();
    await eventually("the login at the bank", async () => (await simulator.account(id)).reauth_forced === false);
    await eventually("the page has asked whether it counts", async () => (await demo.widget.remains()) === 0);
    assert.equal(await demo.get("account-reauth").count(), 1);

    await simulator.settings({ webhook: { drop: [] } });
    await simulator.reauthorise(id);
    await demo.get("account-reauth").waitFor({ state: "detached" });
    await demo.get("toast").filter({ hasText: "logged in again" }).waitFor();
    assert.notEqual(await demo.focused(), "BODY", "the focus has somewhere to go");
    assertNoTrouble(demo);
  },
  withConnect,
);

scenario(
  "the daily refresh of a bank with one-time passwords asks for its user, and shows its end",
  async (demo, { simulator }) => {
    await demo.openReady();
    const id = await demo.link({ bank: "Access Bank" });
    await demo.card(id).becomes("AVAILABLE");
    await simulator.change(id, { transaction: { amount: 45_000, credit: true, narration: "Came by day" } });
    await simulator.advance("24h");
    await demo.get("account-reauth").waitFor();
    assert.equal(await demo.page.getByText("Came by day").count(), 0);

    await demo.get("account-reauthorise").click();
    await demo.widget.opened();
    await demo.widget.logInAgain();
    await demo.get("account-reauth").waitFor({ state: "detached" });
    await demo.page.getByText("Came by day").waitFor();
    assertNoTrouble(demo);
  },
  withConnect,
);
