// What else is known of an account: its months, its owner, the income, investments.

import assert from "node:assert/strict";
import { eventually, picture } from "./harness.mjs";
import { assertNoTrouble, onStage } from "./scenario.mjs";

for (const generation of ["v2", "v1"]) {
  const scenario = onStage({ env: { MONO_API_GENERATION: generation } });

  scenario(`months, owner, income and investments (${generation})`, async (demo, { simulator }) => {
    await demo.openReady();
    const id = await demo.link({ bank: "Kuda" });
    await demo.card(id).becomes("AVAILABLE");
    await demo.transactions();

    await demo.chooseTab("months");
    await demo.get("month").first().waitFor();
    assert.match(await demo.get("credits-total").innerText(), /^₦/);
    assert.match(await demo.get("month").first().innerText(), /^[A-Z][a-z]+ 20\d\d\b/);
    await picture(demo.page, `months-${generation}`);

    await demo.chooseTab("person");
    await demo.get("identity-facts").waitFor();
    assert.match(await demo.get("identity-facts").innerText(), /Full name/);
    assert.match(await demo.get("identity-facts").innerText(), /BVN\s+•••• \d{4}$/, "no more of it than that");
    if (generation === "v2") {
      await demo.get("income").filter({ hasText: "being worked out" }).waitFor();
      await simulator.advance("10m");
    }
    await demo.get("income-record").or(demo.get("income").getByText("No income was found")).first().waitFor();
    await picture(demo.page, `person-${generation}`);

    await demo.chooseTab("wealth");
    await demo.get("asset").first().waitFor();
    await demo.get("earning").filter({ hasText: "₦" }).first().waitFor();
    await picture(demo.page, `wealth-${generation}`);
    assertNoTrouble(demo);
  });

  scenario(`one part may fail while the other is there (${generation})`, async (demo) => {
    await demo.openReady();
    const id = await demo.link({ bank: "GTBank" });
    await demo.card(id).becomes("AVAILABLE");
    await demo.transactions();
    await demo.page.route("**/income", (route) => route.abort("connectionrefused"));
    await demo.chooseTab("person");
    await demo.get("identity-facts").waitFor();
    assert.equal((await demo.notice("income-notice")).code, "network");
    await demo.page.unroute("**/income");
    await demo.tryAgain("income-notice");
    await eventually("no notice any more", async () => (await demo.get("notice-error").count()) === 0);

    await demo.chooseTab("wealth");
    await demo.get("panel-wealth").getByText("No investments").waitFor();
  });
}
