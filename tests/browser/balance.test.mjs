// The balance over time, drawn and in words.

import assert from "node:assert/strict";
import { naira } from "./demo-page.mjs";
import { eventually, picture } from "./harness.mjs";
import { assertNoTrouble, onStage } from "./scenario.mjs";

const scenario = onStage();

scenario("the balance is drawn, told in words and shown as a table; news are drawn, too", async (demo, { simulator }) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.chooseTab("balance");
  await demo.get("balance-chart").waitFor();
  const drawing = demo.get("balance-chart").getByRole("img", { name: "Balance over time" });
  const shape = await drawing.locator(".chart__line").getAttribute("d");
  assert.match(shape, /^M0 [\d.]+(H[\d.]+V[\d.]+)+H1000$/);
  const words = await demo.get("balance-words").innerText();
  assert.match(words, /^From ₦.+ to ₦.+\. Lowest ₦.+, highest ₦.+\.$/);
  await picture(demo.page, "balance");

  await demo.get("balance-table").locator("summary").click();
  const { balance } = await simulator.account(id);
  await demo.get("balance-table").getByText(naira(balance)).first().waitFor();

  await demo.get("balance-months").selectOption("1");
  await eventually("another shape", async () => (await drawing.locator(".chart__line").getAttribute("d")) !== shape);
  await simulator.change(id, { transaction: { amount: 2_500_000, credit: true, narration: "Salary for testing" } });
  await simulator.refresh(id);
  await demo.get("balance-words").filter({ hasText: naira(balance + 2_500_000) }).waitFor();
  assertNoTrouble(demo);
});

scenario("a balance that cannot be read is told in its place, and can be tried again", async (demo) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  await demo.page.route("**/transactions?*", (route) => route.abort("connectionrefused"));
  await demo.chooseTab("balance");
  assert.equal((await demo.notice("panel-balance-notice")).code, "network");
  await demo.page.unroute("**/transactions?*");
  await demo.tryAgain("panel-balance-notice");
  await demo.get("balance-chart").waitFor();
  assert.equal(await demo.get("notice-error").count(), 0);
});

scenario("tabs follow the arrow keys", async (demo) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  await demo.get("tab-transactions").focus();
  await demo.page.keyboard.press("ArrowRight");
  assert.equal(await demo.focused(), "tab-balance");
  await demo.get("panel-balance").waitFor();
  await demo.page.keyboard.press("End");
  assert.equal(await demo.focused(), "tab-statement");
  await demo.page.keyboard.press("ArrowRight");
  assert.equal(await demo.focused(), "tab-transactions");
  assert.equal(await demo.page.locator('[role="tab"][tabindex="0"]').count(), 1);
});

scenario("a flat, an overdrawn and an empty balance are drawn without breaking", async (demo) => {
  await demo.open();
  const drawn = await demo.page.evaluate(async () => {
    const { stepChart } = await import("/chart.js");
    const { balancesByDay } = await import("/balance.js");
    const draw = (...values) =>
      stepChart({ points: values.map((value, at) => ({ at, value })), until: values.length, title: "t", description: "d", amount: String, day: String }).querySelector(".chart__line").getAttribute("d");
    const day = (date, balance) => ({ date, balance });
    const rows = [day("2026-01-02T15:00:00Z", 3), day("2026-01-02T09:00:00Z", 2), day("2026-01-01T09:00:00Z", 1n), day(null, 9), day("2026-01-01T12:00:00Z", null)];
    return [draw(5, 5), draw(0, 0), draw(-5, 5), draw(-9, -3), balancesByDay(rows).map(({ minor }) => Number(minor))];
  });
  assert.deepEqual(drawn.pop(), [1, 3]);
  for (const shape of drawn) assert.match(shape, /^M0 \d+(\.\d)?H500V\d+(\.\d)?H1000$/);
});
