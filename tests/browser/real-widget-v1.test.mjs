// Mono's first widget and first API: version 0.2.5, unversioned paths, re-authorisation by token.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { assertNoTrouble, onStage } from "./scenario.mjs";

const CONNECT = createRequire(import.meta.url).resolve("connect-0.2.5");

const scenario = onStage({ mapToTls: ["connect.withmono.com"], env: { MONO_API_GENERATION: "v1", MONO_WIDGET_ORIGINS: undefined } });

scenario(
  "0.2.5 links an account and logs in again by token",
  async (demo, { simulator }) => {
    await demo.openReady();
    await demo.clickLink();
    await demo.widget.opened();
    assert.equal(new URL(await demo.widget.address()).origin, "https://connect.withmono.com");
    await demo.widget.linkAccount({ bank: "GTBank" });
    await demo.get("account-card").waitFor();
    const [id] = await demo.accountIds();
    await demo.card(id).becomes("AVAILABLE");
    await demo.transactions();

    const before = await simulator.account(id);
    await simulator.advance("1h");
    await demo.get("reauthorise-button").click();
    await demo.widget.opened();
    const token = new URL(await demo.widget.address()).searchParams.get("reauth_token");
    assert.ok(token, "the widget is given a token");
    assert.notEqual(token, id);
    await demo.widget.logInAgain();
    await demo.get("toast").filter({ hasText: "logged in again" }).waitFor();
    assert.notEqual((await simulator.account(id)).logged_in_at, before.logged_in_at);

    const paths = (await simulator.requests()).map((request) => request.path ?? request.uri);
    assert.ok(paths.includes("/account/auth"), "the code went to the first generation's path");
    assert.ok(!paths.some((path) => path.startsWith("/v2/")), "nothing went to the second generation");
    assertNoTrouble(demo);
  },
  { initScript: CONNECT },
);
