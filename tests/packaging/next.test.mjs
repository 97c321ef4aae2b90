// Next.js with the app router: rendered on its server, hydrated in the browser.

import assert from "node:assert/strict";
import { assertNoTrouble } from "../browser/scenario.mjs";
import { samples } from "./readme.mjs";
import { linkAccount, onConsumer, seesAccount } from "./stage.mjs";

const NEXT = "next/dist/bin/next";

const scenario = onConsumer("next", {
  prepare: async (consumer, { proxy }) => {
    const { "src/accounts.jsx": accounts } = samples("React");
    await consumer.write({ ...samples("Next.js", { proxy: proxy.url }), "app/accounts.jsx": accounts });
    await consumer.run(NEXT, "build");
  },
});

scenario("the server renders the page, and the browser links an account", async (visitor, { devPort }, consumer) => {
  const url = await consumer.serve(NEXT, (port) => ["start", "--port", String(port), "--hostname", "localhost"], devPort);
  const rendered = await (await fetch(url)).text();
  assert.match(rendered, /Link a bank account/);
  assert.match(rendered, /Loading/);

  await visitor.page.goto(url);
  await linkAccount(visitor);
  await seesAccount(visitor);
  assertNoTrouble(visitor);
});
