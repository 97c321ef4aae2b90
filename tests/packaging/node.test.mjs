// On a server: importing does nothing, and the module runs when it is handed in.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Consumer } from "./consumer.mjs";

let consumer;
before(async () => {
  consumer = await Consumer.install("react-19", "node");
});
after(() => consumer?.stop());

/** Runs code in a node of its own, in which nothing of a browser is there. */
function inNode(code) {
  const name = "check.mjs";
  return consumer.write({ [name]: code }).then(() => consumer.run(`../${name}`));
}

test("every part can be imported, changes nothing and starts nothing", async () => {
  const told = await inNode(`
    const before = Reflect.ownKeys(globalThis).length;
    globalThis.fetch = () => { throw new Error("importing fetched something"); };
    const parts = await Promise.all(["", "/react", "/element"].map((part) => import("mono-connect" + part)));
    console.log(JSON.stringify({ names: parts.map((part) => Object.keys(part)), added: Reflect.ownKeys(globalThis).length - before }));
  `);
  assert.deepEqual(JSON.parse(told), {
    names: [["MonoConnect", "MonoConnectError", "default"], ["MonoConnectProvider", "useAccounts", "useMonoConnect"], ["MonoConnectButton"]],
    added: 0,
  });
});

test("init() takes bytes and a Response, and says with a typed error what it cannot load", async () => {
  const told = await inNode(`
    import { readFile } from "node:fs/promises";
    import { createRequire } from "node:module";
    import init, { MonoConnect, MonoConnectError } from "mono-connect";

    const failure = await init(new Uint8Array([1, 2, 3])).catch((error) => error);
    console.log(failure instanceof MonoConnectError, failure.code, failure.retryable, failure.cause instanceof WebAssembly.CompileError);
    const bytes = await readFile(createRequire(import.meta.url).resolve("mono-connect/mono_connect_bg.wasm"));
    await init(new Response(bytes, { headers: { "content-type": "application/wasm" } }));
    await init(bytes);
    const refused = await MonoConnect.create({ proxyUrl: "http://127.0.0.1:9" }).catch((error) => error);
    console.log(refused instanceof MonoConnectError, refused.code);
  `);
  assert.deepEqual(told.trim().split("\n"), ["true network true true", "true network"]);
});

test("init() without an argument is a typed error where there is nothing to load from", async () => {
  const told = await inNode(`
    import init from "mono-connect";
    const failure = await init().catch((error) => error);
    console.log(failure.code, failure.retryable);
  `);
  assert.equal(told.trim(), "network true");
});
