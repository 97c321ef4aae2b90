// The table of transactions: only those that are wanted, page by page.

import assert from "node:assert/strict";
import { eventually, picture } from "./harness.mjs";
import { assertNoTrouble, onStage } from "./scenario.mjs";

for (const generation of ["v2", "v1"]) {
  const scenario = onStage({ env: { MONO_API_GENERATION: generation } });

  scenario(`transactions are narrowed by direction, days and words, and paged (${generation})`, async (demo, { simulator }) => {
    const id = await linkedAccount(demo);
    await simulator.change(id, { transaction: { amount: 150_000, credit: true, narration: "Refund for testing" } });
    await simulator.change(id, { transaction: { amount: 90_000, narration: "Shoes for a wedding" } });
    await simulator.refresh(id);
    await demo.page.getByText("Shoes for a wedding").waitFor();

    await demo.get("filter-type").selectOption("credit");
    await eventually("credits only", async () => (await types(demo)).every((type) => type === "credit"));
    await demo.get("transactions-next").click();
    await demo.get("transactions-count").filter({ hasText: "Page 2" }).waitFor();
    assert.ok((await types(demo)).every((type) => type === "credit"), "on the second page, too");

    await demo.get("filter-narration").fill("refund for testing");
    await eventually("the one", async () => (await demo.get("transaction").count()) === 1);
    assert.match(await demo.get("transactions-count").innerText(), /Page 1/);
    await demo.get("filter-type").selectOption("debit");
    await demo.get("transactions-message").filter({ hasText: "No such transactions" }).waitFor();
    await picture(demo.page, `filters-nothing-${generation}`);

    await demo.get("filter-clear").click();
    assert.equal(await demo.focused(), "filter-narration");
    await demo.page.getByText("Shoes for a wedding").waitFor();
    assert.equal(await demo.get("filter-clear").isDisabled(), true);

    const [first] = await days(demo);
    await demo.get("filter-end").fill(dayBefore(first));
    await eventually("older ones", async () => (await days(demo)).every((day) => day < first));
    await demo.get("filter-start").fill(first);
    assert.match(await demo.get("filter-error").innerText(), /before/);
    assert.equal(await demo.get("filter-end").getAttribute("aria-invalid"), "true");
    assertNoTrouble(demo);
  });

  scenario(`filters belong to one account, and news do not drop them (${generation})`, async (demo, { simulator }) => {
    const first = await linkedAccount(demo);
    await demo.get("filter-narration").fill("zebra");
    await demo.get("transactions-message").waitFor();
    await simulator.change(first, { transaction: { amount: 90_000, narration: "Cake for a zebra" } });
    await simulator.change(first, { transaction: { amount: 80_000, narration: "Something else" } });
    await simulator.refresh(first);
    await demo.page.getByText("Cake for a zebra").waitFor();
    assert.equal(await demo.get("transaction").count(), 1);

    const second = await demo.link({ bank: "First Bank" });
    await demo.card(second).becomes("AVAILABLE");
    await eventually("all of the second account's", async () => (await demo.get("transaction").count()) > 1);
    assert.equal(await demo.get("filter-narration").inputValue(), "");
  });
}

async function linkedAccount(demo) {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  return id;
}

function types(demo) {
  return demo.get("transaction").evaluateAll((rows) => rows.map((row) => row.dataset.type));
}

function days(demo) {
  return demo.get("transaction").locator("time").evaluateAll((times) => times.map((time) => time.dateTime.slice(0, 10)));
}

function dayBefore(day) {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
}
