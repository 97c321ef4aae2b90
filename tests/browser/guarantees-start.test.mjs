// Before and while the module loads, and the stream of events with a token, against a proxy that does as it is told.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { siteFolder } from "./guarantees-page.mjs";
import { browserBinary, eventually } from "./harness.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const CONFIG = {
  public_key: "test_pk_1",
  environment: "test",
  api_generation: "v2",
  reauthorise: "account_id",
  widget: { script_url: "/none.js", origins: [] },
};

/** Serves the page, and keeps what it is asked. */
class ToldProxy {
  /** Every call below `/api`, and for events the open answer. */
  calls = [];
  /** How many calls with a token are still to be refused. */
  refusals = 0;
  /** How many times the wasm file is still to be missing. */
  missing = 0;
  wasmCalls = 0;

  static async start(folder) {
    const proxy = new ToldProxy();
    proxy.server = createServer((request, response) => void proxy.#answer(folder, request, response));
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}`;
    return proxy;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async #answer(folder, request, response) {
    const { pathname } = new URL(request.url, this.url);
    if (!pathname.startsWith("/api/")) return this.#file(path.join(folder, pathname === "/" ? "index.html" : pathname), response);
    const call = { name: `${request.method} ${pathname}`, headers: request.headers, response };
    this.calls.push(call);
    if (pathname === "/api/config") return this.#json(response, 200, CONFIG);
    if (this.refusals > 0) {
      this.refusals -= 1;
      return this.#json(response, 401, { code: "unauthenticated", detail: "No." });
    }
    if (pathname !== "/api/events") return this.#json(response, 200, { accounts: [] });
    response.once("close", () => (call.isClosed = true));
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  }

  #json(response, status, body) {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  async #file(file, response) {
    const ending = path.extname(file);
    if (ending === ".wasm") {
      this.wasmCalls += 1;
      if (this.missing > 0) {
        this.missing -= 1;
        return response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not here</h1>");
      }
    }
    const body = await readFile(file).catch(() => null);
    if (body === null) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[ending] ?? "text/plain" }).end(body);
  }

  /** Waits for the stream number `count`, from 1 on, that was not refused. */
  stream(count) {
    return eventually(`stream ${count}`, () => this.calls.filter((call) => call.name === "GET /api/events" && call.response.getHeader("content-type") !== "application/json" && call.response.headersSent && call.response.statusCode === 200)[count - 1]);
  }
}

const site = siteFolder();
let browser;

before(async () => {
  browser = await chromium.launch({ executablePath: browserBinary(), args: ["--no-sandbox"] });
});

after(async () => {
  await browser?.close();
  site.remove();
});

/** Declares a test with a page, on which `module` is the package, and its proxy. */
function onPage(name, body) {
  test(name, { timeout: 60_000 }, async () => {
    const proxy = await ToldProxy.start(site.path);
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      page.on("pageerror", (error) => (page.uncaught = [...(page.uncaught ?? []), error.message]));
      await page.goto(proxy.url);
      await page.evaluate(async () => {
        window.module = await import("/mono-connect/index.js");
        window.failure = async (call) => {
          try {
            await call();
          } catch (error) {
            return { isError: error instanceof Error && error instanceof window.module.MonoConnectError, code: error.code, message: error.message, retryable: error.retryable };
          }
          return null;
        };
      });
      await body(page, proxy);
      assert.equal(page.uncaught, undefined);
    } finally {
      await context.close();
      proxy.stop();
    }
  });
}

onPage("the class before init() says what to call", async (page) => {
  for (const use of ["module.MonoConnect.create()", "(async () => new module.MonoConnect())()"]) {
    const failure = await page.evaluate(`failure(() => ${use})`);
    assert.equal(failure.code, "not_initialised", use);
    assert.equal(failure.isError, true);
    assert.match(failure.message, /init\(\)/);
  }
  await page.evaluate("module.default()");
  assert.equal(await page.evaluate("module.MonoConnect.create().then((mono) => mono instanceof module.MonoConnect)"), true);
  const failure = await page.evaluate("failure(async () => new module.MonoConnect())");
  assert.equal(failure.code, "invalid_options");
  assert.match(failure.message, /create/);
});

onPage("init() is done once, however often and however at once it is called", async (page, proxy) => {
  await page.evaluate("Promise.all([module.default(), module.default(), module.default()])");
  await page.evaluate("module.default()");
  assert.equal(proxy.wasmCalls, 1);
});

for (const [what, source] of Object.entries({
  "an address": "'/mono-connect/dist/mono_connect_bg.wasm'",
  "a URL": "new URL('/mono-connect/dist/mono_connect_bg.wasm', location.href)",
  "a Response": "await fetch('/mono-connect/dist/mono_connect_bg.wasm')",
  "a promise of a Response": "fetch('/mono-connect/dist/mono_connect_bg.wasm')",
  bytes: "new Uint8Array(await (await fetch('/mono-connect/dist/mono_connect_bg.wasm')).arrayBuffer())",
  "a promise of bytes": "fetch('/mono-connect/dist/mono_connect_bg.wasm').then((answer) => answer.arrayBuffer())",
  "a compiled module": "await WebAssembly.compileStreaming(fetch('/mono-connect/dist/mono_connect_bg.wasm'))",
})) {
  onPage(`init() takes ${what}`, async (page, proxy) => {
    await page.evaluate(`(async () => { await module.default(${source}); window.mono = await module.MonoConnect.create(); })()`);
    assert.deepEqual(await page.evaluate("mono.accounts()"), { accounts: [] });
    assert.equal(proxy.wasmCalls, 1);
  });
}

onPage("where there is no WebAssembly, that is what the error says", async (page) => {
  await page.evaluate(() => delete window.WebAssembly);
  const failure = await page.evaluate("failure(() => module.default())");
  assert.equal(failure.isError, true);
  assert.equal(failure.code, "network");
  assert.equal(failure.retryable, false);
  assert.match(failure.message, /there is no WebAssembly here/);
});

onPage("a module that does not load is a typed error and can be tried again", async (page, proxy) => {
  proxy.missing = 1;
  const failure = await page.evaluate("failure(() => module.default())");
  assert.deepEqual({ ...failure, message: "" }, { isError: true, code: "network", message: "", retryable: true });
  assert.equal((await page.evaluate("failure(() => module.MonoConnect.create())")).code, "not_initialised");
  assert.equal((await page.evaluate("failure(() => module.default(new Uint8Array([1, 2, 3])))")).code, "network");
  await page.evaluate("module.default()");
  await page.evaluate("module.MonoConnect.create()");
});

/** Loads the package and watches; what is heard is in `window.heard`. */
function watch(page, token = "token: async () => `t${(window.given = (window.given ?? 0) + 1)}`") {
  return page.evaluate(`(async () => {
    await module.default();
    window.mono = await module.MonoConnect.create({ ${token} });
    window.heard = [];
    window.subscription = mono.watch((event) => heard.push(event));
  })()`);
}

const event = (id, name, data) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const heard = (page, count) => eventually(`${count} events`, async () => (await page.evaluate("heard.length")) >= count && page.evaluate("heard"));

onPage("a stream carries a fresh token, asks once more after a refusal, and comes back where it was", async (page, proxy) => {
  await page.clock.install();
  proxy.refusals = 1;
  await watch(page);
  const first = await proxy.stream(1);
  const sent = () => proxy.calls.map(({ name, headers }) => `${name} ${headers.authorization}`);
  assert.deepEqual(sent(), ["GET /api/config Bearer t1", "GET /api/events Bearer t2", "GET /api/events Bearer t3"]);
  assert.equal(first.headers["x-mono-connect"], "1");
  assert.equal(first.headers["last-event-id"], undefined);

  const text = event(5, "snapshot", { accounts: [{ id: "acc_1", name: "Adé ₦" }] });
  // Torn inside a letter and inside a line.
  const bytes = Buffer.from(text);
  const inside = bytes.indexOf(Buffer.from("₦")) + 1;
  first.response.write(bytes.subarray(0, 12));
  first.response.write(bytes.subarray(12, inside));
  await new Promise(setImmediate);
  first.response.write(bytes.subarray(inside));
  assert.deepEqual(await heard(page, 1), [{ type: "snapshot", accounts: [{ id: "acc_1", name: "Adé ₦" }] }]);

  first.response.destroy();
  await page.clock.fastForward(1_000);
  const second = await proxy.stream(2);
  assert.equal(second.headers.authorization, "Bearer t4");
  assert.equal(second.headers["last-event-id"], "5");
  second.response.write(event(6, "removed", { account_id: "acc_1" }));
  assert.deepEqual((await heard(page, 2))[1], { type: "removed", accountId: "acc_1" });

  await page.evaluate("subscription.close()");
  await eventually("the stream is closed", () => second.isClosed);
  await page.clock.fastForward(120_000);
  await page.evaluate("mono.accounts()");
  assert.equal(sent().filter((call) => call.startsWith("GET /api/events")).length, 3, "nothing is opened after closing");
});

onPage("a stream that nobody closed and that says nothing is opened again", async (page, proxy) => {
  await page.clock.install();
  await watch(page, "");
  const first = await proxy.stream(1);
  first.response.write(event(1, "snapshot", { accounts: [] }));
  await heard(page, 1);
  await page.clock.fastForward(46_000);
  await eventually("the first stream is given up", () => first.isClosed);
  await page.clock.fastForward(1_000);
  const second = await proxy.stream(2);
  assert.equal(second.headers["last-event-id"], "1");
  assert.equal(second.headers.authorization, undefined);
});

onPage("free() and dispose close the stream", async (page, proxy) => {
  await watch(page);
  const first = await proxy.stream(1);
  await page.evaluate("mono[Symbol.dispose ?? 'free']()");
  await eventually("the stream is closed", () => first.isClosed);
});

onPage("an instance may be freed twice, and says afterwards that it has been freed", async (page, proxy) => {
  await page.evaluate("(async () => { await module.default(); window.mono = await module.MonoConnect.create(); })()");
  const calls = proxy.calls.length;
  for (const free of ["free", "free", "[Symbol.dispose]"]) await page.evaluate(free.startsWith("[") ? `mono${free}()` : `mono.${free}()`);
  await page.evaluate("mono.close()");
  const names = await page.evaluate(() => {
    const { prototype } = window.module.MonoConnect;
    const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(([, { value }]) => typeof value === "function");
    return methods.map(([name]) => name).filter((name) => !["constructor", "free", "close", "watch", "allTransactions"].includes(name) && !name.startsWith("_"));
  });
  assert.ok(names.includes("link") && names.includes("setup") && names.length > 15, names.join());
  for (const name of names) {
    const failure = await page.evaluate(`(() => { const running = mono.${name}("acc_1"); return failure(() => running); })()`);
    assert.deepEqual({ ...failure, message: "" }, { isError: true, code: "aborted", message: "", retryable: false }, name);
    assert.match(failure.message, /freed/);
  }
  for (const use of ["async () => mono.watch(() => {})", "async () => { for await (const row of mono.allTransactions('acc_1')) void row; }", "async () => mono.reauthoriseMethod"]) {
    assert.equal((await page.evaluate(`failure(${use})`)).code, "aborted", use);
  }
  assert.equal(proxy.calls.length, calls, "the proxy is not asked");
  await page.evaluate("module.MonoConnect.create().then((other) => other.accounts())");
});

onPage("a listener that closes its subscription hears nothing more, not even of what has arrived already", async (page, proxy) => {
  await watch(page, "");
  const stream = await proxy.stream(1);
  await page.evaluate("subscription.close()");
  await page.evaluate("window.heard = [], window.closing = mono.watch((event) => { heard.push(event.type); closing.close(); })");
  const second = await proxy.stream(2);
  second.response.write([1, 2, 3].map((id) => event(id, "removed", { account_id: `acc_${id}` })).join(""));
  assert.deepEqual(await heard(page, 1), ["removed"]);
  await eventually("the stream is closed", () => second.isClosed);
  assert.deepEqual(await page.evaluate("heard"), ["removed"]);
  assert.equal(stream.isClosed, true);
});

onPage("a stream that the proxy refuses is told, and opened again", async (page, proxy) => {
  await page.clock.install();
  await page.evaluate("(async () => { await module.default(); window.mono = await module.MonoConnect.create(); })()");
  proxy.refusals = 2;
  await page.evaluate("window.heard = [], window.failed = [], mono.watch((event) => heard.push(event.type), { onError: (error) => failed.push(error.code) })");
  await eventually("the first refusal", () => page.evaluate("failed.length === 1"));
  await page.clock.fastForward(1_000);
  await eventually("the second refusal", () => page.evaluate("failed.length === 2"));
  assert.deepEqual(await page.evaluate("failed"), ["unauthenticated", "unauthenticated"]);
  await page.clock.fastForward(2_000);
  (await proxy.stream(1)).response.write(event(1, "snapshot", { accounts: [] }));
  await heard(page, 1);
});
