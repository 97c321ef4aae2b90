// What happens elsewhere shows on the page by itself: at Mono, in another tab, while the proxy was away.

import assert from "node:assert/strict";
import { eventually, picture } from "./harness.mjs";
import { assertNoTrouble, newVisitor, onStage } from "./scenario.mjs";

const scenario = onStage();
const NEWS_WITHIN_MS = 1_000;

scenario("a linked account becomes available without the page asking for it", async (demo, { simulator }) => {
  await simulator.settings({ processing_time: "1h" });
  await demo.openReady();
  const asked = demo.asked();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("PROCESSING");
  await simulator.advance("1h");
  await demo.card(id).becomes("AVAILABLE");
  assert.match(await demo.card(id).text("account-balance"), /₦/);
  await demo.transactions();
  assert.ok(asked.includes("POST /api/accounts"));
  assert.ok(asked.includes(`GET /api/accounts/${id}/transactions`));
  assert.deepEqual(
    asked.filter((call) => call === "GET /api/accounts" || call === `GET /api/accounts/${id}`),
    [],
  );
  assertNoTrouble(demo);
});

scenario("what happens in one tab shows in the other, and another visitor sees nothing", async (demo, stage) => {
  const stranger = await newVisitor(stage);
  try {
    const second = await demo.anotherTab();
    await demo.openReady();
    await second.openReady();
    await stranger.openReady();
    const strangersBank = await stranger.link({ bank: "Kuda" });
    const askedBySecond = second.asked();

    const first = await demo.link({ bank: "GTBank" });
    await within(NEWS_WITHIN_MS, "the card in the other tab", async () => (await second.accountIds()).includes(first));
    assert.equal(await second.get("accounts-count").innerText(), "1 linked");
    await second.get("toast").filter({ hasText: "is linked" }).waitFor();
    await demo.card(first).becomes("AVAILABLE");
    await within(NEWS_WITHIN_MS, "the other tab's badge", async () => (await second.card(first).status()) === "AVAILABLE");
    await second.transactions();

    const other = await second.link({ bank: "First Bank" });
    await within(NEWS_WITHIN_MS, "the second card in the first tab", async () => (await demo.accountIds()).includes(other));
    assert.deepEqual(await demo.accountIds(), await second.accountIds());
    assert.ok((await demo.get("detail-title").innerText()).startsWith("GTBank"), "the first tab keeps its selection");

    assert.ok(!askedBySecond.includes("GET /api/accounts"), askedBySecond.join());
    assert.deepEqual(await stranger.accountIds(), [strangersBank]);
    assertNoTrouble(demo);
    assertNoTrouble(second);
  } finally {
    await stranger.context.close();
  }
});

scenario("what Mono tells is in every open page within a second of its being taken, again and again", async (demo, { simulator, proxy }) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  const second = await demo.anotherTab();
  await second.openReady();
  await demo.card(id).becomes("AVAILABLE");
  const pages = [demo, second];
  await Promise.all(pages.map((page) => page.notesWhen("[data-testid=account-reauth-title]")));

  const delays = [];
  for (let round = 0; round < 10; round += 1) {
    // Every second one is good news, for which Mono is asked first.
    const isAsked = round % 2 === 0;
    await simulator.change(id, { reauth_required: isAsked });
    const event = isAsked ? "reauthorisation_required" : "account_reauthorized";
    const taken = await proxy.told({ event: `mono.events.${event}`, event_id: `round-${round}`, data: { account: { _id: id } } });
    for (const page of pages) {
      const seen = await eventually(`round ${round}`, async () => (await page.noted()).find((note) => note.round === round && note.isThere === isAsked)?.at);
      delays.push(Math.round(seen - taken));
    }
  }
  assert.ok(Math.max(...delays) <= NEWS_WITHIN_MS, `milliseconds: ${delays.join(", ")}`);
  assertNoTrouble(demo);
});

scenario("an account whose code never came is linked by Mono's word, and the page says so", async (demo, { simulator }) => {
  await demo.openReady();
  await demo.page.route("**/api/accounts", async (route) => {
    if (route.request().method() === "POST") await route.abort("connectionrefused");
    else await route.continue();
  });
  await demo.clickLink();
  await demo.widget.linkAccount({ bank: "GTBank" });
  await demo.get("account-card").waitFor();
  await demo.get("toast").filter({ hasText: "GTBank" }).waitFor();
  const [id] = await demo.accountIds();
  assert.ok(await simulator.account(id), "this is Mono's account");
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  assert.equal(await demo.get("notice-error").count(), 0);
});

scenario("after the proxy was away the page shows what happened meanwhile", async (demo, { proxy, simulator }) => {
  await demo.openReady();
  const kept = await demo.link({ bank: "GTBank" });
  await demo.card(kept).becomes("AVAILABLE");
  const ended = await demo.link({ bank: "First Bank" });
  await demo.card(ended).becomes("AVAILABLE");
  const before = await demo.card(kept).text("account-balance");

  await proxy.kill();
  await simulator.change(kept, { transaction: { amount: 123_450, credit: true, narration: "Paid while nobody listened" } });
  await simulator.refresh(kept);
  await simulator.unlink(ended);
  assert.deepEqual(await demo.accountIds(), [kept, ended]);

  await proxy.up();
  // Mono repeats what was not taken.
  await simulator.advance("2m");
  await demo.gone(ended);
  await eventually("the new balance", async () => (await demo.card(kept).text("account-balance")) !== before);
  await demo.card(kept).place.getByTestId("account-select").click();
  await demo.page.getByText("Paid while nobody listened").waitFor();

  await simulator.unlink(kept);
  await demo.gone(kept);
});

scenario("an account that ends at Mono leaves the page, and takes neither focus nor selection with it", async (demo, { simulator }) => {
  await demo.openReady();
  const first = await demo.link({ bank: "GTBank" });
  const second = await demo.link({ bank: "First Bank" });
  await demo.card(second).becomes("AVAILABLE");
  await demo.card(second).place.getByTestId("account-select").focus();

  await simulator.unlink(second);
  await demo.gone(second);
  await demo.get("toast").filter({ hasText: "no longer linked" }).waitFor();
  assert.equal(await demo.page.evaluate(() => document.activeElement.id), "accounts-title");
  assert.match(await demo.get("detail-title").innerText(), /^GTBank/);
  assert.deepEqual(await demo.accountIds(), [first]);

  await simulator.unlink(first);
  await demo.gone(first);
  await demo.get("accounts-empty").waitFor();
  assert.equal(await demo.get("detail").isHidden(), true);
  await picture(demo.page, "unlinked");
});

scenario("new transactions appear in the open list, on the page that is shown, and the focus stays", async (demo, { simulator }) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  await demo.get("transactions-next").click();
  await demo.get("transactions-count").filter({ hasText: "Page 2" }).waitFor();
  const before = await demo.transactions();

  await simulator.change(id, { transaction: { amount: 5_000, narration: "Shoes for a wedding" } });
  await simulator.refresh(id);
  await eventually("rows that moved on", async () => JSON.stringify(await demo.transactions()) !== JSON.stringify(before));
  assert.match(await demo.get("transactions-count").innerText(), /Page 2/);
  assert.equal(await demo.focused(), "transactions-next");
  await demo.get("transactions-prev").click();
  await demo.page.getByText("Shoes for a wedding").waitFor();
  assertNoTrouble(demo);
});

scenario(
  "where events cannot be followed the page asks instead",
  async (demo) => {
    await demo.page.route("**/api/events", (route) => route.abort("connectionrefused"));
    await demo.openReady();
    const asked = demo.asked();
    const id = await demo.link({ bank: "GTBank" });
    await demo.card(id).becomes("AVAILABLE");
    await demo.transactions();
    assert.ok(asked.includes(`GET /api/accounts/${id}`), asked.join());
  },
);

function within(milliseconds, what, look) {
  return eventually(what, look, milliseconds);
}
