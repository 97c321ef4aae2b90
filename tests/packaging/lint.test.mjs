// What package authors check with: are the types wrong, and publint.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Consumer, tarball } from "./consumer.mjs";

let consumer;
before(async () => {
  consumer = await Consumer.install("lint");
});

test("the types are right for every way to import them", async () => {
  // The WebAssembly file is no module; it has an entry so that it can be hosted elsewhere.
  await consumer.run("@arethetypeswrong/cli/dist/index.js", tarball(), "--profile", "esm-only", "--exclude-entrypoints", "./mono_connect_bg.wasm");
});

test("publint has no complaint", async () => {
  const told = await consumer.run("publint/src/cli.js", tarball(), "--strict");
  assert.match(told, /All good/);
});
