// The first generation: a manual sync instead of real time, and re-authorisation by token with the first widget.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { naira } from "./demo-page.mjs";
import { assertNoTrouble, onStage } from "./scenario.mjs";

const CONNECT = createRequire(import.meta.url).resolve("connect-0.2.5");
const scenario = onStage({ mapToTls: ["connect.withmono.com"], env: { MONO_API_GENERATION: "v1", MONO_WIDGET_ORIGINS: undefined } });
const withConnect = { initScript: CONNECT };

scenario(
  "a sync that wants the user brings the banner, and 0.2.5 takes it away by token",
  async (demo) => {
    await demo.openReady();
    const id = await demo.link({ bank: "Access Bank" });
    await demo.card(id).becomes("AVAILABLE");
    await demo.transactions();

    await demo.get("refresh-button").click();
    await demo.get("account-reauth").waitFor();
    await demo.refreshNote("log in again");
    assert.match(await demo.card(id).text("account-reauth-title"), /Access Bank asks you to log in again/);

    await demo.get("account-reauthorise").click();
    await demo.widget.opened();
    assert.ok(new URL(await demo.widget.address()).searchParams.get("reauth_token"), "the widget is given a token");
    await demo.widget.logInAgain();
    await demo.get("account-reauth").waitFor({ state: "detached" });
    await demo.get("toast").filter({ hasText: "logged in again" }).waitFor();
    assertNoTrouble(demo);
  },
  withConnect,
);

scenario(
  "a sync brings news, may be asked for again in two minutes, and says so when it is too soon",
  async (demo, { simulator }) => {
    await demo.page.clock.install();
    await demo.openReady();
    const id = await demo.link({ bank: "GTBank" });
    await demo.card(id).becomes("AVAILABLE");
    await demo.transactions();
    await simulator.change(id, { transaction: { amount: 70_000, credit: true, narration: "Refund of fees" } });

    await demo.get("refresh-button").click();
    await demo.refreshNote("New data");
    await demo.page.getByText("Refund of fees").waitFor();
    const { balance } = await simulator.account(id);
    await demo.card(id).place.getByTestId("account-balance").filter({ hasText: naira(balance) }).waitFor();
    await demo.refreshButton(/Refresh in 01:\d\d/, { usable: false });

    // A clock that is ahead: the page believes that it may, and the proxy knows better.
    await demo.page.clock.fastForward("02:00");
    await demo.refreshButton("Refresh now", { usable: true });
    await demo.get("refresh-button").click();
    await demo.refreshNote("too soon");
    await demo.refreshButton(/Refresh in 0[01]:\d\d/, { usable: false });
    assert.equal(await demo.get("notice-error").count(), 0);
  },
  withConnect,
);

scenario(
  "a login that Mono tells by new data alone takes the banner away",
  async (demo, { simulator }) => {
    await simulator.settings({ dialect: { silent_reauth_in_v1: true }, webhook: { generation: "v1" } });
    await demo.openReady();
    const id = await demo.link({ bank: "Access Bank" });
    await demo.card(id).becomes("AVAILABLE");
    await demo.transactions();
    await demo.get("refresh-button").click();
    await demo.get("account-reauth").waitFor();

    await demo.get("account-reauthorise").click();
    await demo.widget.opened();
    await demo.widget.logInAgain();
    await demo.get("account-reauth").waitFor({ state: "detached" });
    await demo.get("toast").filter({ hasText: "logged in again" }).waitFor();
    assertNoTrouble(demo);
  },
  withConnect,
);
