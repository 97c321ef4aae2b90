// <mono-connect-button> in a plain page.

import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { eventually } from "../browser/harness.mjs";
import { assertNoTrouble } from "../browser/scenario.mjs";
import { onConsumer } from "./stage.mjs";

const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>Element</title>
  <main></main>
  <script type="module" src="page.js"></script>
</html>
`;
/** Keeps every event of every button, and what it brought. */
const SCRIPT = `
window.heard = [];
for (const type of ["mono-linked", "mono-reauthorised", "mono-dismissed", "mono-error"]) {
  document.addEventListener(type, ({ detail, target }) => window.heard.push({ type, code: detail.code ?? null, account: detail.id ?? null, from: target.localName }));
}
`;

const scenario = onConsumer("plain", {
  name: "element",
  prepare: async (consumer) => {
    await consumer.write({ "site/index.html": PAGE, "site/page.js": SCRIPT });
    await cp(consumer.at("node_modules/mono-connect"), consumer.at("site/mono-connect"), { recursive: true });
  },
});

const BUTTON = "mono-connect-button";
/** No inline style, no inline script, nothing from elsewhere. */
const STRICTEST = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'none'; connect-src 'self'";
// It belongs to the browser tests, as the browser does.
const AXE = createRequire(new URL("../browser/package.json", import.meta.url)).resolve("axe-core/axe.min.js");

async function open({ page }, { proxy }, markup = `<${BUTTON}>Add a bank</${BUTTON}>`) {
  await page.goto(proxy.url);
  await page.waitForFunction(() => window.heard);
  await page.evaluate(async (html) => {
    document.querySelector("main").innerHTML = html;
    await import("/mono-connect/element.js");
  }, markup);
  return page.getByRole("button");
}

/** Waits for the next event, and returns it. */
function heard(page) {
  return eventually("an event", () => page.evaluate(() => window.heard.shift()));
}

scenario("links an account by keyboard, and is busy meanwhile", async (visitor, stage) => {
  const { page, widget } = visitor;
  const button = await open(visitor, stage);
  assert.equal(await button.getAttribute("aria-busy"), null);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await widget.opened();
  assert.deepEqual(
    await page.locator(BUTTON).evaluate((it) => ({ busy: it.busy, part: [...it.shadowRoot.querySelector("button").part], aria: it.shadowRoot.querySelector("button").ariaBusy, disabled: it.shadowRoot.querySelector("button").disabled })),
    { busy: true, part: ["button", "busy"], aria: "true", disabled: false },
  );
  await widget.linkAccount({ bank: "GTBank" });
  const told = await heard(page);
  assert.deepEqual([told.type, told.from], ["mono-linked", BUTTON]);
  assert.ok((await stage.simulator.account(told.account)).id);
  assert.equal(await page.evaluate(() => document.activeElement.localName), BUTTON);
  assert.equal(await page.locator(BUTTON).evaluate((it) => it.busy), false);
  assertNoTrouble(visitor);
});

scenario("with an account it re-authorises that one", async (visitor, stage) => {
  const { page, widget } = visitor;
  await open(visitor, stage);
  await page.getByRole("button").click();
  await widget.linkAccount({ bank: "GTBank" });
  const { account } = await heard(page);
  await stage.simulator.change(account, { reauth_required: true });
  await page.locator(BUTTON).evaluate((it, id) => (it.accountId = id), account);
  await page.getByRole("button").click();
  await widget.logInAgain();
  assert.deepEqual(await heard(page), { type: "mono-reauthorised", code: null, account, from: BUTTON });
});

scenario("with hosted links it sends the page away and announces nothing", async (visitor, stage) => {
  const { page, widget } = visitor;
  // The proxy is one with hosted links, as far as the page can tell.
  await page.route("**/api/config", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), reauthorise: "hosted_link" } });
  });
  await page.route("**/reauthorise", (route) => route.fulfill({ status: 201, json: { method: "hosted_link", url: "https://link.example/x", reference: "r" } }));
  const button = await open(visitor, stage);
  await button.click();
  await widget.linkAccount({ bank: "GTBank" });
  const { account } = await heard(page);
  await page.evaluate(() => {
    navigation.addEventListener("navigate", (event) => {
      window.wayTaken = event.destination.url;
      event.preventDefault();
    });
  });
  await page.locator(BUTTON).evaluate((it, id) => (it.accountId = id), account);
  await button.click();
  await page.waitForFunction((name) => window.wayTaken && !document.querySelector(name).busy, BUTTON);
  assert.equal(await page.evaluate(() => window.wayTaken), "https://link.example/x");
  assert.deepEqual(await page.evaluate(() => window.heard), []);
});

scenario("a closed window is dismissed, a failure is an error, and the next press tries again", async (visitor, stage) => {
  const { page, widget } = visitor;
  await page.route("**/api/config", (route) => route.abort(), { times: 1 });
  const button = await open(visitor, stage);
  await button.click();
  assert.deepEqual(await heard(page), { type: "mono-error", code: "network", account: null, from: BUTTON });
  await button.click();
  await widget.close();
  assert.deepEqual(await heard(page), { type: "mono-dismissed", code: "dismissed", account: null, from: BUTTON });
  assert.equal(await widget.remains(), 0);
});

scenario("leaving the page closes the window and frees the instance; moving does not", async (visitor, stage) => {
  const { page, widget } = visitor;
  const button = await open(visitor, stage);
  await page.evaluate(async () => {
    const { MonoConnect } = await import("/mono-connect/index.js");
    const { free } = MonoConnect.prototype;
    window.freed = 0;
    MonoConnect.prototype.free = function () {
      window.freed += 1;
      free.call(this);
    };
  });
  await button.click();
  await widget.opened();
  await page.locator(BUTTON).evaluate((it) => document.body.prepend(it));
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  assert.ok((await widget.remains()) > 0);
  assert.equal(await page.evaluate(() => window.freed), 0);

  await page.locator(BUTTON).evaluate((it) => it.remove());
  await eventually("the widget is gone", async () => (await widget.remains()) === 0);
  assert.equal(await page.evaluate(() => window.freed), 1);
  assert.deepEqual(await page.evaluate(() => window.heard), []);
  assertNoTrouble(visitor);
});

scenario("takes what was set before it was defined, and is asked for with it", async (visitor, stage) => {
  const { page, widget } = visitor;
  await page.goto(stage.proxy.url);
  await page.waitForFunction(() => window.heard);
  const asked = page.waitForRequest("**/api/link-sessions");
  await page.evaluate(async (name) => {
    const button = document.createElement(name);
    button.customer = { name: "Ada Obi", email: "ada@example.com" };
    button.consent = { version: "7" };
    document.querySelector("main").append(button);
    await import("/mono-connect/element.js");
  }, BUTTON);
  await page.getByRole("button", { name: "Link a bank account" }).click();
  assert.deepEqual((await asked).postDataJSON(), { customer: { name: "Ada Obi", email: "ada@example.com" }, consent: { version: "7" } });
  await widget.close();
});

scenario("uses an instance that the page lends, and does not free it", async (visitor, stage) => {
  const { page, widget } = visitor;
  const button = await open(visitor, stage);
  await page.evaluate(async (name) => {
    const { default: init, MonoConnect } = await import("/mono-connect/index.js");
    await init();
    window.mono = await MonoConnect.create();
    document.querySelector(name).mono = window.mono;
  }, BUTTON);
  const asked = visitor.asked();
  await button.click();
  await widget.close();
  await heard(page);
  assert.ok(!asked.includes("GET /api/config"), asked.join());
  await page.locator(BUTTON).evaluate((it) => it.remove());
  assert.deepEqual(await page.evaluate(() => window.mono.accounts()), { accounts: [] });
});

scenario("disabled it does nothing, and its file may be loaded twice", async (visitor, stage) => {
  const { page } = visitor;
  const asked = visitor.asked();
  const button = await open(visitor, stage, `<${BUTTON} disabled>Add a bank</${BUTTON}>`);
  assert.equal(await button.isDisabled(), true);
  await page.locator(BUTTON).evaluate((it) => it.click());
  await page.evaluate(() => import("/mono-connect/element.js?again"));
  assert.equal(await page.locator(BUTTON).evaluate((it) => it.busy), false);
  assert.deepEqual(asked, []);
  await page.locator(BUTTON).evaluate((it) => (it.disabled = false));
  assert.equal(await button.isDisabled(), false);
  assertNoTrouble(visitor);
});

scenario("has its looks under the strictest policy, and is accessible", async (visitor, stage) => {
  const { page } = visitor;
  await page.route(`${stage.proxy.url}/`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": STRICTEST } });
  });
  const button = await open(visitor, stage);
  assert.equal(await button.evaluate((it) => getComputedStyle(it).display), "inline-flex");

  await button.hover();
  await button.focus();
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations } = await page.evaluate((name) => window.axe.run(name), BUTTON);
  assert.deepEqual(violations.map(({ id, help }) => `${id}: ${help}`), []);
  assertNoTrouble(visitor);
});
