// "Refresh now": asking the bank, while it goes on, how it ended, and when it may be asked again.

import assert from "node:assert/strict";
import { naira } from "./demo-page.mjs";
import { eventually, picture } from "./harness.mjs";
import { assertNoTrouble, onStage } from "./scenario.mjs";

const scenario = onStage();
const ready = { usable: true };
const waiting = { usable: false };

scenario("a refresh shows its progress, then that nothing is new, then how long to wait", async (demo, { simulator }) => {
  const id = await linkedAccount(demo);
  await demo.refreshButton("Refresh now", ready);
  await simulator.settings({ processing_time: "1h" });
  const height = () => demo.get("detail").evaluate((detail) => detail.getBoundingClientRect().height);
  const before = await height();

  await demo.get("refresh-button").focus();
  await demo.page.keyboard.press("Enter");
  await demo.get("refresh-progress").waitFor();
  await demo.refreshNote("Fetching from your bank…");
  await demo.refreshButton("Refreshing…", waiting);
  assert.equal(await demo.get("refresh-button").getAttribute("aria-busy"), "true");
  assert.equal(await height(), before, "nothing jumps");
  await picture(demo.page, "refresh-running");
  await eventually("a job at Mono", async () => (await jobs(simulator, id)).length === 1);

  await simulator.advance("1h");
  await demo.refreshNote("Up to date");
  await demo.get("refresh-progress").waitFor({ state: "hidden" });
  await demo.refreshButton(/Refresh in 0[345]:\d\d/, waiting);
  assert.equal(await demo.get("refresh-button").getAttribute("aria-busy"), "false");
  assert.equal(await height(), before, "nothing jumps");
  assert.equal(await demo.focused(), "refresh-button");
  await picture(demo.page, "refresh-waiting");

  const shown = await demo.get("refresh-button").innerText();
  await eventually("the countdown goes on", async () => (await demo.get("refresh-button").innerText()) < shown);
  await demo.get("refresh-button").click({ force: true });
  assert.equal((await jobs(simulator, id)).length, 1, "nothing is asked while it counts");

  await demo.openReady();
  await demo.refreshButton(/Refresh in 0[345]:\d\d/, waiting);
  await demo.page.clock.fastForward("05:00");
  await demo.refreshButton("Refresh now", ready);
  assertNoTrouble(demo);
});

scenario("a refresh that finds something says so, and shows it", async (demo, { simulator }) => {
  const id = await linkedAccount(demo);
  await simulator.change(id, { transaction: { amount: 250_000, credit: true, narration: "Salary for testing" } });
  await demo.get("refresh-button").click();
  await demo.refreshNote("New data");
  await demo.page.getByText("Salary for testing").waitFor();
  const { balance } = await simulator.account(id);
  await demo.card(id).place.getByTestId("account-balance").filter({ hasText: naira(balance) }).waitFor();
  await picture(demo.page, "refresh-news");
});

scenario("a refresh that the bank does not answer says so, and nothing is lost", async (demo, { simulator }) => {
  const id = await linkedAccount(demo);
  const rows = await demo.transactions();
  await simulator.change(id, { outcome: "FAILED" });
  await demo.get("refresh-button").click();
  await demo.refreshNote("gave no answer");
  assert.deepEqual(await demo.transactions(), rows);
  await picture(demo.page, "refresh-failed");
});

scenario("a refresh that cannot be asked for is told in words, and can be tried again", async (demo, { simulator }) => {
  await linkedAccount(demo);
  await simulator.fault({ kind: "status", code: 429, times: 0 });
  await demo.get("refresh-button").click();
  const { code, words } = await demo.notice("detail-notice");
  assert.match(code, /^upstream_/);
  assert.match(words, /Mono/);
  await simulator.clearFaults();
  await demo.refreshButton("Refresh now", ready);
  await eventually("a refresh that ends well", async () => {
    const button = demo.get("refresh-button");
    if ((await button.innerText()).includes("Refresh now")) await button.click();
    return (await demo.get("refresh-note").innerText()).includes("Up to date");
  });
  assert.equal(await demo.get("notice-error").count(), 0);
});

scenario("when a refresh and the rows fail together, trying again repeats both", async (demo, { simulator }) => {
  const id = await linkedAccount(demo);
  await demo.page.route("**/sync", (route) => route.abort("connectionrefused"));
  await demo.page.route("**/transactions?*", (route) => route.abort("connectionrefused"));
  await demo.get("refresh-button").click();
  await demo.notice("detail-notice");
  await demo.refreshButton("Refresh now", ready);
  const rowsFail = demo.page.waitForEvent("requestfailed", (request) => request.url().includes("/transactions?"));
  await simulator.change(id, { transaction: { amount: 5_000, narration: "Told while it failed" } });
  await simulator.refresh(id);
  await rowsFail;
  assert.equal((await demo.notice("detail-notice")).code, "network");

  await demo.page.unroute("**/sync");
  await demo.page.unroute("**/transactions?*");
  const asked = demo.asked();
  await demo.tryAgain("detail-notice");
  await demo.page.getByText("Told while it failed").waitFor();
  await demo.refreshButton(/Refresh in/, waiting);
  assert.ok(asked.includes(`POST /api/accounts/${id}/sync`), asked.join());
  assert.ok(asked.includes(`GET /api/accounts/${id}/transactions`), asked.join());
  assert.equal(await demo.get("notice-error").count(), 0);
});

scenario("a real-time start that Mono answers with 500 is told, nothing stays under way, and later it works", async (demo, { simulator }) => {
  const id = await linkedAccount(demo);
  const rows = await demo.transactions();
  await simulator.fault({ kind: "status", code: 500, times: 1, path: "/v2/accounts/*/transactions" });
  await demo.get("refresh-button").click();
  const { code, words } = await demo.notice("detail-notice");
  assert.equal(code, "upstream_error");
  assert.match(words, /Mono could not answer/);
  await demo.get("refresh-progress").waitFor({ state: "hidden" });
  assert.equal(await demo.get("refresh-button").getAttribute("aria-busy"), "false");
  // Mono may have begun, so its five minutes count; until then there is nothing to press.
  await demo.refreshButton(/Refresh in 0[345]:\d\d/, waiting);
  assert.equal(await demo.get("try-again").count(), 0);
  await demo.refreshNote("gave no answer");
  assert.deepEqual(await demo.transactions(), rows);
  await picture(demo.page, "refresh-500");

  await demo.openReady();
  await demo.refreshButton(/Refresh in 0[345]:\d\d/, waiting);
  await demo.page.clock.fastForward("05:00");
  await demo.refreshButton("Refresh now", ready);
  assert.equal((await jobs(simulator, id)).length, 0);
});

scenario("another tab sees the same refresh", async (demo, { simulator }) => {
  await linkedAccount(demo);
  await simulator.settings({ processing_time: "1h" });
  const second = await demo.anotherTab();
  await second.openReady();
  await second.refreshButton("Refresh now", ready);
  await demo.get("refresh-button").click();
  await second.refreshNote("Fetching from your bank…");
  await simulator.advance("1h");
  await second.refreshNote("Up to date");
  await second.refreshButton(/Refresh in 0[345]:\d\d/, waiting);
});

/** A linked account, on a page whose clock can be put forward. */
async function linkedAccount(demo) {
  await demo.page.clock.install();
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  return id;
}

async function jobs(simulator, account) {
  return (await simulator.state()).jobs.filter((job) => job.account === account);
}
