// Whom the page believes, and what it tells to whom.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { assertNoTrouble, onStage } from "./scenario.mjs";

const scenario = onStage();

const forged = (code) => ({ type: "mono.connect.widget.account_linked", data: { code, reference: "forged" } });

/** Codes that the page sends for exchange. */
function exchanges(demo) {
  const codes = [];
  demo.page.on("request", (request) => {
    if (request.method() === "POST" && new URL(request.url()).pathname === "/api/accounts") codes.push(request.postDataJSON().code);
  });
  return codes;
}

/** A site of somebody else's, on another origin. */
async function strangersSite() {
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>Stranger</title>"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://localhost:${server.address().port}/`, close: () => new Promise((resolve) => server.close(resolve)) };
}

/** Sends forged messages from the page itself, from a frame without an origin, and from another frame of the widget's origin. */
async function forgeFromWithin(demo, simulator) {
  await demo.page.evaluate((message) => window.postMessage(message, "*"), forged("code_from_the_page_itself"));
  const frames = [
    ["a frame without an origin", "about:blank"],
    ["a frame of the widget's origin", `${simulator.url}/connect.js`],
  ];
  for (const [name, address] of frames) {
    await demo.page.evaluate(
      ([frameName, source]) =>
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.name = frameName;
          frame.src = source;
          frame.onload = resolve;
          document.body.append(frame);
        }),
      [name, address],
    );
    await demo.page.frame({ name }).evaluate((message) => parent.postMessage(message, "*"), forged(`code_from_${name}`));
  }
}

scenario("a forged message from the page itself or from another frame does nothing", async (demo, { simulator }) => {
  await demo.openReady();
  const codes = exchanges(demo);
  await demo.clickLink();
  await demo.widget.opened();

  await demo.page.evaluate(() => window.postMessage(null, "*"));
  await forgeFromWithin(demo, simulator);

  await demo.widget.close();
  await demo.calmNotice("link-notice");
  assert.deepEqual(codes, []);
  assert.deepEqual(await demo.accountIds(), []);
});

scenario("a forged message from another site's window does nothing", async (demo, { proxy }) => {
  const site = await strangersSite();
  try {
    await demo.page.goto(site.url);
    const opened = demo.context.waitForEvent("page");
    await demo.page.evaluate((address) => {
      window.victim = window.open(address);
    }, `${proxy.url}/`);
    const stranger = demo.page;
    demo.page = await opened;
    demo.widget.page = demo.page;
    const codes = exchanges(demo);
    await demo.page.locator('[data-testid="dashboard"][data-phase="ready"]').waitFor();
    await demo.clickLink();
    await demo.widget.opened();
    await stranger.evaluate((message) => window.victim?.postMessage(message, "*"), forged("code_from_another_site"));
    await demo.widget.linkAccount({ bank: "GTBank" });
    await demo.get("account-card").waitFor();
    assert.equal(codes.length, 1);
    assert.notEqual(codes[0], "code_from_another_site");
  } finally {
    await site.close();
  }
});

scenario("a forged message while no window is open does nothing", async (demo) => {
  await demo.openReady();
  const codes = exchanges(demo);
  await demo.page.evaluate((message) => window.postMessage(message, "*"), forged("code_out_of_nowhere"));
  await demo.link({ bank: "GTBank" });
  await demo.page.evaluate((message) => window.postMessage(message, "*"), forged("code_afterwards"));
  await demo.link({ bank: "First Bank" });
  assert.equal(codes.length, 2);
  assert.ok(codes.every((code) => !/nowhere|afterwards/.test(code)));
});

scenario("the page's query string and fragment do not reach the widget", async (demo, { simulator }) => {
  const told = [];
  demo.page.on("request", async (request) => {
    if (request.url().startsWith(simulator.url)) told.push(request.url(), JSON.stringify(await request.allHeaders().catch(() => ({}))), request.postData() ?? "");
  });
  await demo.openReady("?ticket=hunter2#token=hunter3");
  await demo.link({ bank: "GTBank" });
  assert.ok(told.length > 3, "the widget was asked for");
  assert.deepEqual(
    told.filter((text) => /hunter/.test(text)),
    [],
  );
  for (const request of await simulator.requests()) assert.doesNotMatch(JSON.stringify(request), /hunter/);
});

scenario("the browser never sees the secret key", async (demo) => {
  const seen = [];
  demo.page.on("response", async (response) => {
    seen.push(JSON.stringify(await response.allHeaders().catch(() => ({}))));
    seen.push(await response.text().catch(() => ""));
  });
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  assert.ok(seen.length > 10);
  assert.ok(!seen.some((text) => text.includes("test_sk_")), "no answer holds the secret key");
});

scenario("the page is served under a strict content security policy and keeps to it", async (demo, { simulator }) => {
  const served = demo.page.waitForResponse((response) => response.request().isNavigationRequest());
  await demo.openReady();
  const policy = new Map((await (await served).headerValue("content-security-policy")).split(";").map((part) => {
    const [name, ...sources] = part.trim().split(/\s+/);
    return [name, sources];
  }));
  assert.deepEqual(policy.get("default-src"), ["'none'"]);
  assert.deepEqual(policy.get("script-src"), ["'self'", "'wasm-unsafe-eval'", simulator.url]);
  assert.deepEqual(policy.get("frame-src"), [simulator.url]);

  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  assertNoTrouble(demo);

  await demo.page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
  });
  assert.equal(await demo.page.evaluate(() => window.ran), undefined);
  assert.match(demo.troubles.join(), /Content Security Policy/, "a violation would have been noticed");
});

scenario(
  "the bare class of Mono's package believes the same forged messages, so the forgery itself is sound",
  async (demo, { simulator }) => {
    await demo.openReady();
    await demo.page.evaluate(() => {
      window.taken = [];
      const connect = new window.Connect({ key: "test_pk_simulator", onSuccess: ({ code }) => window.taken.push(code) });
      connect.setup();
      connect.open();
      // The package removes its listener after the first one.
      connect.constructor.prototype.close = () => {};
    });
    await forgeFromWithin(demo, simulator);
    await demo.page.waitForFunction((count) => window.taken.length === count, 3);
  },
  { initScript: createRequire(import.meta.url).resolve("connect-2.2.0") },
);
