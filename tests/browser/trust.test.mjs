// Whom the page believes, and what it tells to whom.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { onStage } from "./scenario.mjs";

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

scenario("a forged message from the page itself or from another frame does nothing", async (demo, { simulator }) => {
  await demo.openReady();
  const codes = exchanges(demo);
  await demo.clickLink();
  await demo.widget.opened();

  await demo.page.evaluate((message) => {
    window.postMessage(message, "*");
    window.postMessage(null, "*");
  }, forged("code_from_the_page_itself"));

  const frames = [
    ["another frame without an origin", "about:blank"],
    ["another frame of the widget's own origin", `${simulator.url}/connect.js`],
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

scenario("the page runs under a strict content security policy", async (demo, { simulator, proxy }) => {
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${simulator.url}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self'",
    "connect-src 'self'",
    `frame-src ${simulator.url}`,
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
  await demo.page.route(`${proxy.url}/`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  await demo.openReady();
  const id = await demo.link({ bank: "GTBank" });
  await demo.card(id).becomes("AVAILABLE");
  await demo.transactions();
  assert.deepEqual(demo.troubles, []);
});
