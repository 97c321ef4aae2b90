// Choosing the bank before Mono's window opens.

import assert from "node:assert/strict";
import { assertNoTrouble, onStage } from "./scenario.mjs";

const scenario = onStage();

scenario("a bank that was chosen before is the one whose login opens", async (demo) => {
  await demo.openReady();
  await demo.page.locator('[data-testid="bank"][data-filled]').waitFor();
  await demo.get("bank").selectOption({ label: "First Bank" });
  await demo.clickLink();
  await demo.widget.logInAndChoose();
  await demo.linkButtonIsIdle();
  await demo.get("account-card").filter({ hasText: "First Bank" }).waitFor();
  assertNoTrouble(demo);
});

scenario("without the list of banks linking works as ever", async (demo) => {
  await demo.page.route("**/api/institutions", (route) => route.abort("connectionrefused"));
  await demo.openReady();
  assert.equal(await demo.get("bank").locator("option").count(), 1);
  await demo.link({ bank: "GTBank" });
});
