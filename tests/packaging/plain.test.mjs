// No bundler: the package's folder beside a page, under the content security policy of the proxy.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { assertNoTrouble } from "../browser/scenario.mjs";
import { samples } from "./readme.mjs";
import { linkAccount, onConsumer, seesAccount } from "./stage.mjs";

const scenario = onConsumer("plain", {
  prepare: async (consumer) => {
    await consumer.write(samples("Plain HTML"));
    await cp(consumer.at("node_modules/mono-connect"), consumer.at("site/mono-connect"), { recursive: true });
  },
});

scenario("the page links an account, and lists it when it is opened again", async (visitor) => {
  await visitor.open();
  await linkAccount(visitor);
  await visitor.page.reload();
  await visitor.page.getByRole("listitem").filter({ hasText: "GTBank" }).waitFor();
  assertNoTrouble(visitor);
});

scenario("the module is loaded once, however often it is asked for", async ({ page }, { proxy }) => {
  const loads = [];
  page.on("request", (request) => request.url().endsWith(".wasm") && loads.push(request.url()));
  await page.goto(`${proxy.url}/mono-connect/README.md`);
  await page.evaluate(async () => {
    const { default: init } = await import("/mono-connect/index.js");
    await Promise.all([init(), init(), init("/nowhere.wasm")]);
    await init();
  });
  assert.deepEqual(loads, [`${proxy.url}/mono-connect/dist/mono_connect_bg.wasm`]);
});

scenario("a load that fails is a typed error, and can be tried again", async ({ page }, { proxy }) => {
  await page.goto(`${proxy.url}/mono-connect/README.md`);
  const told = await page.evaluate(async () => {
    const { default: init, MonoConnect, MonoConnectError } = await import("/mono-connect/index.js");
    const failure = async (promise) => {
      const error = await promise.then(() => "no error", (error) => error);
      return [error instanceof MonoConnectError, error.code, error.retryable, error.message];
    };
    const early = await failure(MonoConnect.create());
    const missing = await failure(init("/nowhere.wasm"));
    const page = await failure(init(new Response("<!doctype html>", { headers: { "content-type": "application/wasm" } })));
    await init(await fetch("/mono-connect/dist/mono_connect_bg.wasm"));
    const mono = await MonoConnect.create();
    const { accounts } = await mono.accounts();
    return { early, missing, page, accounts };
  });
  assert.deepEqual(told.early.slice(0, 3), [true, "not_initialised", false]);
  assert.deepEqual(told.missing.slice(0, 3), [true, "network", true]);
  assert.deepEqual(told.page.slice(0, 3), [true, "network", true]);
  assert.match(told.page[3], /no WebAssembly/);
  assert.deepEqual(told.accounts, []);
});
