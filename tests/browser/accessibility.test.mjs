// Everybody can use the page: with a keyboard, with a screen reader, light and dark, large and small.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { eventually, picture } from "./harness.mjs";
import { onStage } from "./scenario.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  mobile: { colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true },
};

const scenario = onStage();

for (const [look, contextOptions] of Object.entries(LOOKS)) {
  scenario(`every state is accessible: ${look}`, (demo, stage) => walkThroughStates(demo, stage, look), { reducedMotion: "reduce", ...contextOptions });
}

async function walkThroughStates(demo, { simulator, proxy }, look) {
  const check = async (state) => {
    await picture(demo.page, `${state}-${look}`);
    assert.deepEqual(await seriousViolations(demo.page), [], state);
  };

  let release;
  const gate = new Promise((resolve) => (release = resolve));
  await demo.page.route(`${proxy.url}/api/**`, async (route) => {
    await gate;
    await route.continue();
  });
  await demo.open();
  await demo.get("accounts-loading").waitFor();
  await check("loading");
  release();
  await demo.get("accounts-empty").waitFor();
  await demo.page.unrouteAll({ behavior: "wait" });
  await check("empty");

  await demo.clickLink();
  await demo.widget.opened();
  await picture(demo.page, `widget-${look}`, { fullPage: false });
  await demo.widget.close();
  await demo.calmNotice("link-notice");
  await check("dismissed");

  await simulator.settings({ processing_time: "1h" });
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("PROCESSING");
  await check("processing");
  await simulator.settings({ processing_time: "3s" });
  await simulator.advance("1h");
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  await demo.get("toast").waitFor({ state: "detached" });
  await check("linked");
  for (const [tab, there] of [["balance", "balance-chart"], ["months", "months"], ["person", "identity-facts"], ["wealth", "panel-wealth"], ["statement", "statement-pdf"]]) {
    await demo.chooseTab(tab);
    await demo.get(there).waitFor();
    await eventually("everything is there", async () => (await demo.page.locator('.panel [aria-busy="true"]').count()) === 0);
    await check(`tab-${tab}`);
  }
  await demo.get("unlink-button").click();
  await demo.get("unlink-dialog").waitFor();
  await check("unlink-question");
  await demo.page.keyboard.press("Escape");
  await demo.chooseTab("transactions");

  await simulator.settings({ processing_time: "1h" });
  await demo.get("refresh-button").click();
  await demo.refreshNote("Fetching from your bank…");
  await check("refreshing");
  await simulator.change(id, { reauth_required: true });
  await eventually("a job at Mono", async () => (await simulator.state()).jobs.some((job) => job.account === id));
  await simulator.advance("1h");
  await demo.get("account-reauth").waitFor();
  await demo.refreshButton(/Refresh in/, { usable: false });
  await check("reauthorisation-required");

  await simulator.fault({ kind: "status", code: 503, times: 0 });
  await demo.get("transactions-next").click();
  await demo.notice("detail-notice");
  await check("upstream-down");
  await simulator.clearFaults();

  await demo.page.route(`${proxy.url}/api/**`, (route) => route.abort("connectionrefused"));
  await demo.open();
  await demo.notice("page-notice");
  await check("proxy-down");
  await demo.page.unroute(`${proxy.url}/api/**`);
}

for (const [look, contextOptions] of Object.entries(LOOKS)) {
  scenario(`every kind of account is shown: ${look}`, (demo, stage) => walkThroughKinds(demo, stage, look), { reducedMotion: "reduce", ...contextOptions });
}

/** Answers of the proxy with accounts that the simulator does not make by itself. */
async function walkThroughKinds(demo, { proxy }, look) {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  const kinds = [
    { data_status: "AVAILABLE", data_available: true, requires_reauth: true, requires_reauth_since: "2026-01-05T08:00:00Z" },
    { data_status: "PARTIAL", data_available: true, currency: "GHS", retrieved_data: ["balance"] },
    { data_status: "UNAVAILABLE", data_available: false, balance: null },
    { data_status: "FAILED", data_available: false, balance: null, name: null, account_number_last4: null, institution: { name: null, bank_code: null, type: null } },
    { data_status: "RECONCILING", data_available: false, balance: -1234567890, currency: "NGN", duplicate_of: id },
  ];
  let all;
  await demo.page.route(`${proxy.url}/api/accounts`, async (route) => {
    const response = await route.fetch();
    const { accounts } = await response.json();
    all = [...accounts, ...kinds.map((kind, index) => ({ ...accounts[0], ...kind, id: `kind-${index}` }))];
    await route.fulfill({ response, json: { accounts: all } });
  });
  await demo.page.route(`${proxy.url}/api/events`, (route) =>
    route.fulfill({ contentType: "text/event-stream", body: `event: snapshot\ndata: ${JSON.stringify({ accounts: all })}\n\n` }),
  );
  await demo.openReady();
  assert.deepEqual(await demo.get("account-status").allTextContents(), ["Available", "Available", "Partial", "Unavailable", "Failed", "RECONCILING"].map((word) => `Status: ${word}`));
  assert.match(await demo.card("kind-0").text("account-reauth-title"), /GTBank asks you to log in again/);
  assert.match(await demo.card("kind-0").text("account-reauth-since"), /Since 5 Jan 2026/);
  assert.match(await demo.card("kind-1").text("account-balance"), /GH₵|GHS/);
  assert.match(await demo.card("kind-3").text("account-bank"), /Your bank/);
  assert.match(await demo.card("kind-4").text("account-balance"), /−₦12,345,678\.90/);
  await demo.card("kind-4").place.getByTestId("account-duplicate").waitFor();
  await demo.card("kind-3").place.getByTestId("account-select").click();
  await demo.get("transactions-message").waitFor();
  await picture(demo.page, `kinds-${look}`);
  assert.deepEqual(await seriousViolations(demo.page), []);
}

scenario("an account is linked with the keyboard alone", async (demo) => {
  await demo.openReady();
  const { keyboard } = demo.page;
  await tabTo(demo, "link-button");
  await keyboard.press("Enter");
  await demo.widget.linkAccountByKeyboard();
  await demo.get("account-card").waitFor();
  const [id] = await demo.accountIds();
  await demo.linkButtonIsIdle();
  assert.equal(await demo.focused(), "link-button");
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();

  await tabTo(demo, "account-select");
  await keyboard.press("Enter");
  await tabTo(demo, "transactions-next");
  await keyboard.press("Enter");
  await demo.get("transactions-count").filter({ hasText: "Page 2" }).waitFor();
  assert.equal(await demo.focused(), "transactions-next");
});

scenario("while the bank's window is open the page behind it is out of reach", async (demo) => {
  await demo.openReady();
  await demo.clickLink();
  await demo.widget.opened();
  assert.equal(await demo.page.locator("#page").evaluate((page) => page.inert), true);
  await demo.widget.close();
  await demo.calmNotice("link-notice");
  assert.equal(await demo.page.locator("#page").evaluate((page) => page.inert), false);
});

/** Presses Tab until the element has the focus. */
async function tabTo(demo, testId) {
  for (let step = 0; step < 40; step += 1) {
    if ((await demo.focused()) === testId) {
      const outline = await demo.page.evaluate(() => {
        const { outlineStyle } = getComputedStyle(document.activeElement);
        return outlineStyle === "none" ? getComputedStyle(document.activeElement, "::after").outlineStyle : outlineStyle;
      });
      assert.notEqual(outline, "none", `${testId} shows its focus`);
      return;
    }
    await demo.page.keyboard.press("Tab");
  }
  assert.fail(`${testId} cannot be reached with Tab`);
}

async function seriousViolations(page) {
  // Through the debugger, so that no content security policy has to be opened for it.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary}`).join(" | ")}`);
}
