// A statement to keep: a PDF of Mono's, or files that the page makes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { picture } from "./harness.mjs";
import { assertNoTrouble, onStage } from "./scenario.mjs";

for (const generation of ["v2", "v1"]) {
  const scenario = onStage({ env: { MONO_API_GENERATION: generation } });

  scenario(`a statement as PDF, CSV and JSON (${generation})`, async (demo) => {
    await linkedAccount(demo);
    await demo.get("statement-pdf").click();
    await demo.get("statement-status").filter({ hasText: "building" }).waitFor();
    const link = demo.get("statement-pdf-link");
    await link.waitFor();
    assert.match(await link.getAttribute("href"), /^http/);
    assert.match(await link.getAttribute("rel"), /noopener/);
    assert.equal(await demo.focused(), "statement-pdf-link");
    assert.equal(await demo.get("statement-progress").isHidden(), true);
    await picture(demo.page, `statement-${generation}`);

    const csv = await download(demo, "statement-csv");
    assert.match(csv.name, /^statement-\d{4}-last3months\.csv$/);
    const [head, ...rows] = csv.text.trim().split("\r\n");
    assert.equal(head, "date,type,amount,currency,balance,narration,category");
    assert.match(rows[0], /^\d{4}-\d\d-\d\dT[^,]+,(debit,-|credit,)\d+\.\d\d,NGN,/);
    const json = await download(demo, "statement-json");
    const statement = JSON.parse(json.text);
    assert.equal(statement.transactions.length, rows.length);
    assert.ok(Number.isInteger(statement.transactions[0].amount));
    await demo.get("statement-status").filter({ hasText: `Saved ${rows.length} transactions` }).waitFor();
    assertNoTrouble(demo);
  });

  scenario(`a PDF that cannot be had is told, and can be tried again (${generation})`, async (demo, { simulator }) => {
    await linkedAccount(demo);
    await simulator.fault({ kind: "reset", times: 0 });
    await demo.get("statement-pdf").click();
    const { code, words } = await demo.notice("statement-notice");
    assert.match(code, /^upstream_/);
    assert.match(words, /Mono/);
    await simulator.clearFaults();
    await demo.tryAgain("statement-notice");
    await demo.get("statement-pdf-link").waitFor();
    assert.equal(await demo.get("notice-error").count(), 0);
  });
}

const scenario = onStage();

scenario("what a bank writes does nothing in a spreadsheet", async (demo) => {
  await demo.open();
  const csv = await demo.page.evaluate(async () => {
    const { statementCsv } = await import("/statement-files.js");
    const row = { type: "debit", amount: 5, currency: null, balance: -120n, date: "2026-01-27T10:00:00Z", category: null };
    return statementCsv([{ ...row, narration: '=HYPERLINK("http://x")' }, { ...row, type: "credit", narration: "Rent, June\nlate", balance: null }, { ...row, currency: "JPY", narration: "@a" }], "NGN");
  });
  assert.deepEqual(csv.replace("\uFEFF", "").split("\r\n"), [
    "date,type,amount,currency,balance,narration,category",
    `2026-01-27T10:00:00Z,debit,-0.05,NGN,-1.20,"'=HYPERLINK(""http://x"")",`,
    '2026-01-27T10:00:00Z,credit,0.05,NGN,,"Rent, June\nlate",',
    "2026-01-27T10:00:00Z,debit,-5,JPY,-120,'@a,",
    "",
  ]);
});

async function linkedAccount(demo) {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  await demo.chooseTab("statement");
}

async function download(demo, button) {
  const [file] = await Promise.all([demo.page.waitForEvent("download"), demo.get(button).click()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}
