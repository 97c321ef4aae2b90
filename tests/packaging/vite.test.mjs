// Vite: its development server, which rewrites dependencies, and its build.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { assertNoTrouble } from "../browser/scenario.mjs";
import { samples } from "./readme.mjs";
import { linkAccount, onConsumer, seesAccount } from "./stage.mjs";

const scenario = onConsumer("vite", {
  site: "dist",
  prepare: async (consumer, { proxy }) => {
    await consumer.write(samples("Vite", { proxy: proxy.url }));
    await consumer.run("vite/bin/vite.js", "build");
  },
});

for (const version of ["vite", "vite-7"]) {
  scenario(`the development server of ${version} links an account`, async (visitor, { devPort }, consumer) => {
    const url = await consumer.serve(`${version}/bin/vite.js`, (port) => ["--port", String(port), "--strictPort", "--force"], devPort);
    await visitor.page.goto(url);
    await linkAccount(visitor);
    await seesAccount(visitor);
    assertNoTrouble(visitor);
    await consumer.stop();
  });
}

scenario("the build links an account, and ships the module once", async (visitor, stage, consumer) => {
  const built = await readdir(consumer.at("dist/assets"));
  assert.equal(built.filter((name) => name.endsWith(".wasm")).length, 1, built.join());
  await visitor.open();
  await linkAccount(visitor);
  await seesAccount(visitor);
  assertNoTrouble(visitor);
});
