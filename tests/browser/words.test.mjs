// What the page says: every code as a sentence, every amount exactly.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { onStage } from "./scenario.mjs";

const scenario = onStage();

scenario("every code has a sentence of its own", async (demo) => {
  await demo.open();
  const contract = await contractCodes();
  assert.ok(contract.length > 25, `${contract.length} codes were found`);
  const spoken = await demo.page.evaluate(async (codes) => {
    const { describe } = await import("/messages.js");
    return codes.map((code) => ({ code, ...describe({ code, requestId: "r-1", retryAfterMs: 90_000 }) }));
  }, contract);
  for (const { code, title, advice, requestId } of spoken) {
    assert.notEqual(title, "Something unexpected happened.", `${code} has no sentence`);
    assert.ok(!title.includes(code) || !code.includes("_"), `${code} is shown raw`);
    assert.match(title, /^[A-Z].*\.$/);
    assert.match(advice, /\.$/);
    assert.match(advice, /in 2 minutes/);
    assert.equal(requestId, "r-1");
  }
  assert.equal(new Set(spoken.map(({ title }) => title)).size, spoken.length, "two codes share a sentence");
});

/** The proxy's codes from the shared crate, the browser's own from the page's contract with the package. */
async function contractCodes() {
  const source = await readFile(new URL("../../shared/src/problem.rs", import.meta.url), "utf8");
  const served = Array.from(source.matchAll(/^\s+\w+ = "([a-z_]+)", \d{3},/gm), ([, code]) => code);
  const local = ["dismissed", "widget_load_failed", "widget_busy", "widget_error", "network", "timeout", "aborted", "invalid_options", "not_initialised", "reauthorise_unsupported"];
  return [...served, ...local];
}

scenario("amounts are written exactly, in the account's own currency", async (demo) => {
  await demo.open();
  const written = await demo.page.evaluate(async () => {
    const { money, signedMoney } = await import("/format.js");
    return [
      money(0, "NGN"),
      money(5, "NGN"),
      money(123456789, "NGN"),
      money(-100, "NGN"),
      money(Number.MAX_SAFE_INTEGER, "NGN"),
      money(9007199254740993n, "NGN"),
      money(1999, "USD"),
      money(500, "JPY"),
      money(123450, "Naira"),
      money(123450, null),
      money(null, "NGN"),
      signedMoney("debit", 2500, "NGN"),
      signedMoney("credit", 2500, "NGN"),
      signedMoney("debit", -2500, "NGN"),
    ];
  });
  assert.deepEqual(written, [
    "₦0.00",
    "₦0.05",
    "₦1,234,567.89",
    "−₦1.00",
    "₦90,071,992,547,409.91",
    "₦90,071,992,547,409.93",
    "$19.99",
    "¥500",
    "1,234.50 Naira",
    "1,234.50",
    "—",
    "−₦25.00",
    "+₦25.00",
    "−₦25.00",
  ]);
});

scenario("a broken date or an unknown word is shown as it came, never as an error", async (demo) => {
  await demo.open();
  const written = await demo.page.evaluate(async () => {
    const { date, words, lastDigits, wait } = await import("/format.js");
    return [date("not a date"), date(null), date("2026-03-01T10:00:00Z"), words("TIER_3  SAVINGS"), words(null), lastDigits(null), wait(500), wait(61_000), wait(90_000)];
  });
  assert.deepEqual(written, ["—", "—", "1 Mar 2026", "Tier 3 savings", "—", "••••", "in 1 second", "in 61 seconds", "in 2 minutes"]);
});
