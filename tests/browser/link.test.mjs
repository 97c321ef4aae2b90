// Linking through the page with the widget script that the proxy names.

import assert from "node:assert/strict";
import { naira } from "./demo-page.mjs";
import { assertNoTrouble, newVisitor, onStage } from "./scenario.mjs";

const scenario = onStage();

scenario("a linked account is shown as processing, then with its balance and transactions", async (demo, { simulator }) => {
  await demo.openReady();
  assert.match(await demo.get("accounts-empty").innerText(), /No accounts yet/);

  const id = await demo.link({ bank: "GTBank" });
  const card = demo.card(id);
  await card.becomes("PROCESSING");
  assert.match(await card.text("account-status"), /Processing/);
  assert.equal(await demo.focused(), "link-button");
  assert.match(await demo.get("toast").innerText(), /GTBank.*linked/);

  await card.becomes("AVAILABLE");
  const known = await simulator.account(id);
  assert.match(await card.text("account-bank"), /GTBank/);
  assert.match(await card.text("account-holder"), /samuel olamide/i);
  assert.equal(await card.text("account-number"), `•••• ${known.account_number.slice(-4)}`);
  assert.ok((await card.text("account-balance")).includes(naira(known.balance)), await card.text("account-balance"));

  const rows = await demo.transactions();
  const listed = await fromMono(simulator, `/v2/accounts/${id}/transactions?page=1&limit=${rows.length}`);
  assert.deepEqual(
    rows.map(({ type, cells }) => [type, cells[1]]),
    listed.data.map((row) => [row.type, row.narration]),
  );
  const [first] = listed.data;
  assert.ok(rows[0].cells[3].includes(naira(first.amount)), `${rows[0].cells[3]} is ${first.amount} kobo`);
  assert.match(rows[0].cells[3], first.type === "credit" ? /\+/ : /−/);
  assertNoTrouble(demo);
});

scenario("transactions are turned page by page", async (demo) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  const firstPage = await demo.transactions();
  assert.equal(await demo.get("transactions-prev").getAttribute("aria-disabled"), "true");

  await demo.get("transactions-next").click();
  await demo.get("transactions-count").filter({ hasText: "Page 2" }).waitFor();
  const secondPage = await demo.transactions();
  assert.notDeepEqual(secondPage, firstPage);
  assert.equal(await demo.focused(), "transactions-next");

  await demo.get("transactions-prev").click();
  await demo.get("transactions-count").filter({ hasText: "Page 1" }).waitFor();
  assert.deepEqual(await demo.transactions(), firstPage);
});

scenario("a bank that asks for a one-time password is linked too", async (demo) => {
  await demo.openReady();
  const id = await demo.link({ bank: "Access Bank" });
  await demo.card(id).becomes("AVAILABLE");
  assert.match(await demo.card(id).text("account-bank"), /Access Bank/);
  assertNoTrouble(demo);
});

scenario("closing the bank's window is a calm matter, and linking works afterwards", async (demo) => {
  await demo.openReady();
  const first = await demo.link({ bank: "GTBank" });

  await demo.clickLink();
  await demo.widget.close();
  const { code, words } = await demo.calmNotice("link-notice");
  assert.equal(code, "dismissed");
  assert.match(words, /Nothing was changed/);
  assert.equal(await demo.get("notice-error").count(), 0);
  assert.equal(await demo.focused(), "link-button");
  assert.equal(await demo.widget.remains(), 0);
  assert.deepEqual(await demo.accountIds(), [first]);

  const second = await demo.link({ bank: "First Bank" });
  assert.deepEqual(await demo.accountIds(), [first, second]);
  assert.equal(await demo.get("notice-calm").count(), 0);
  assertNoTrouble(demo);
});

scenario("Escape gives up while the bank's window is being prepared", async (demo, { simulator }) => {
  await demo.openReady();
  await demo.page.route(`${simulator.url}/**`, () => {
    // Held for ever.
  });
  await demo.clickLink();
  await demo.page.locator(".is-busy").waitFor();
  await demo.page.keyboard.press("Escape");
  assert.equal((await demo.calmNotice("link-notice")).code, "aborted");
  assert.equal(await demo.focused(), "link-button");
  await demo.page.unrouteAll({ behavior: "ignoreErrors" });
  await demo.link({ bank: "GTBank" });
});

scenario("a form that is not filled in opens no window", async (demo) => {
  await demo.openReady();
  await demo.get("customer-name").fill(" ");
  await demo.get("customer-email").fill("samuel");
  await demo.clickLink();
  assert.match(await demo.get("customer-name-error").innerText(), /enter your name/);
  assert.match(await demo.get("customer-email-error").innerText(), /e-mail address/);
  assert.equal(await demo.focused(), "customer-name");
  assert.equal(await demo.widget.remains(), 0);

  await demo.get("customer-name").fill("Amina Bello");
  assert.equal(await demo.get("customer-name-error").innerText(), "");
});

scenario("accounts survive a reload, and another visitor sees none of them", async (demo, stage) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");

  await demo.openReady();
  assert.deepEqual(await demo.accountIds(), [id]);
  await demo.transactions();

  const stranger = await newVisitor(stage);
  try {
    await stranger.openReady();
    assert.deepEqual(await stranger.accountIds(), []);
    const answer = await stranger.page.evaluate(async (account) => {
      const response = await fetch(`/api/accounts/${account}`, { headers: { "x-mono-connect": "1" } });
      return { status: response.status, code: (await response.json()).code };
    }, id);
    assert.ok(["account_not_found", "unauthenticated"].includes(answer.code), JSON.stringify(answer));
  } finally {
    await stranger.context.close();
  }
});

/** What Mono itself answers, read past the proxy. */
async function fromMono({ url }, path) {
  const answer = await fetch(`${url}${path}`, { headers: { "mono-sec-key": "test_sk_simulator" } });
  assert.equal(answer.status, 200);
  return answer.json();
}
