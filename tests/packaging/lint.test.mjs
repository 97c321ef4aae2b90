// What package authors check with: are the types wrong, and publint.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Consumer, tarball } from "./consumer.mjs";

let consumer;
before(async () => {
  consumer = await Consumer.install("lint");
});

test("the types are right for every way to import them", async () => {
  await consumer.run("@arethetypeswrong/cli/dist/index.js", tarball(), "--profile", "esm-only");
});

test("publint has no complaint", async () => {
  const told = await consumer.run("publint/src/cli.js", tarball(), "--strict");
  assert.match(told, /All good/);
});
