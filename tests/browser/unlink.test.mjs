// Ending a link: asked first, then done, and told when it did not work.

import assert from "node:assert/strict";
import { picture } from "./harness.mjs";
import { assertNoTrouble, onStage } from "./scenario.mjs";

for (const generation of ["v2", "v1"]) {
  const scenario = onStage({ env: { MONO_API_GENERATION: generation } });

  scenario(`an account is unlinked after a question (${generation})`, async (demo, { simulator }) => {
    await demo.openReady();
    const kept = await demo.link({ bank: "GTBank" });
    const id = await demo.link({ bank: "First Bank" });
    await demo.card(id).becomes("AVAILABLE");
    const asked = demo.asked();
    await demo.get("unlink-button").focus();
    await demo.page.keyboard.press("Enter");
    await demo.get("unlink-dialog").filter({ hasText: "First Bank" }).waitFor();
    assert.equal(await demo.focused(), "unlink-keep", "the harmless answer comes first");
    await picture(demo.page, `unlink-${generation}`, { fullPage: false });
    await demo.page.keyboard.press("Escape");
    await demo.get("unlink-dialog").waitFor({ state: "hidden" });
    assert.equal(await demo.focused(), "unlink-button");
    assert.deepEqual(asked.filter((call) => call.startsWith("DELETE")), []);

    await demo.get("unlink-button").click();
    await demo.get("unlink-confirm").click();
    await demo.gone(id);
    await demo.get("unlink-dialog").waitFor({ state: "hidden" });
    await demo.get("toast").filter({ hasText: "no longer linked" }).waitFor();
    assert.deepEqual(await demo.accountIds(), [kept]);
    assert.equal(await demo.page.evaluate(() => document.activeElement.id), "accounts-title");
    await simulator.settings({});
    await demo.openReady();
    assert.deepEqual(await demo.accountIds(), [kept]);
    assertNoTrouble(demo);
  });
}

const scenario = onStage();

scenario("an unlinking that fails is told in the dialog, and can be tried again", async (demo, { simulator }) => {
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  await simulator.fault({ kind: "reset", times: 0 });
  await demo.get("unlink-button").click();
  await demo.get("unlink-confirm").click();
  assert.match((await demo.notice("unlink-notice")).code, /^upstream_/);
  assert.deepEqual(await demo.accountIds(), [id]);
  await simulator.clearFaults();
  await demo.tryAgain("unlink-notice");
  await demo.gone(id);
  await demo.get("accounts-empty").waitFor();
});
