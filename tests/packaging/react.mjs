// The hooks with one version of React: strict mode, clean-up, servers, failures.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "../browser/harness.mjs";
import { assertNoTrouble } from "../browser/scenario.mjs";
import { samples } from "./readme.mjs";
import { linkAccount, onConsumer, seesAccount } from "./stage.mjs";

const FILES = path.join(path.dirname(fileURLToPath(import.meta.url)), "react");

/** @param {string} name `react-18` or `react-19` */
export function testsWith(name) {
  let url;
  const scenario = onConsumer(name, {
    prepare: async (consumer, { proxy, devPort }) => {
      await consumer.write({ ...(await ownFiles()), ...samples("React", { proxy: proxy.url }) });
      url = await consumer.serve("vite/bin/vite.js", (port) => ["--port", String(port), "--strictPort"], devPort);
    },
  });

  scenario("the README's page links an account in strict mode, with one instance and one stream", async (visitor) => {
    const asked = visitor.asked();
    const streams = watchStreams(visitor.page);
    await visitor.page.goto(url);
    await linkAccount(visitor);
    await seesAccount(visitor);
    assert.equal(asked.filter((call) => call === "GET /api/config").length, 1, asked.join());
    assert.deepEqual(streams, { opened: 1, open: 1 });
    assertNoTrouble(visitor);
  });

  scenario("one instance in strict mode, another when the proxy changes, none when unmounted", async (visitor) => {
    const { page } = visitor;
    const streams = watchStreams(page);
    await openProbe(page, url);
    await page.evaluate(() => window.probe.mount());
    await says(page, "ready fine");
    await counts(page, "live 0");
    assert.deepEqual(await made(page), { made: 1, freed: 0 });
    assert.deepEqual(streams, { opened: 1, open: 1 });

    await page.evaluate(() => window.probe.render({}));
    await page.evaluate(() => window.probe.render({}));
    await counts(page, "live 0");
    assert.deepEqual(await made(page), { made: 1, freed: 0 });

    await page.evaluate(() => window.probe.render({ proxyUrl: "/../" }));
    await eventually("the other instance", async () => (await made(page)).made === 2);
    await counts(page, "live 0");
    await eventually("the first stream is closed", () => streams.open === 1);
    assert.deepEqual(await made(page), { made: 2, freed: 1 });
    assert.equal(streams.opened, 2);

    await page.evaluate(() => window.probe.unmount());
    await eventually("the second stream is closed", () => streams.open === 0);
    assert.deepEqual(await made(page), { made: 2, freed: 2 });
    assertNoTrouble(visitor);
  });

  scenario("unmounting while the instance is opened leaves none", async ({ page }) => {
    const streams = watchStreams(page);
    await openProbe(page, url);
    let answer;
    const held = new Promise((resolve) => (answer = resolve));
    await page.route("**/api/config", async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest("**/api/config");
    await page.evaluate(() => window.probe.mount());
    await asked;
    await page.evaluate(() => window.probe.unmount());
    answer();
    await eventually("the late instance is freed", async () => (await made(page)).freed === 1);
    assert.deepEqual(await made(page), { made: 1, freed: 1 });
    assert.equal(streams.opened, 0);
  });

  scenario("a failure is told, and retry() opens what failed", async ({ page }) => {
    await openProbe(page, url);
    await page.route("**/api/config", (route) => route.abort(), { times: 1 });
    await page.evaluate(() => window.probe.mount());
    await says(page, "failed network");
    await counts(page, "failed 0");
    let answer;
    const held = new Promise((resolve) => (answer = resolve));
    await page.route("**/api/config", async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole("button", { name: "retry" }).click();
    await counts(page, "loading 0");
    answer();
    await says(page, "ready fine");
    await counts(page, "live 0");
  });

  scenario("a stream that the proxy refuses is told, and forgotten when it is open", async ({ page }) => {
    await openProbe(page, url);
    let isRefused = true;
    const refusal = { status: 401, contentType: "application/problem+json", body: JSON.stringify({ code: "unauthenticated" }) };
    await page.route("**/api/events", (route) => (isRefused ? route.fulfill(refusal) : route.continue()));
    await page.evaluate(() => window.probe.mount());
    await says(page, "ready fine");
    await counts(page, "failed 0");
    isRefused = false;
    await counts(page, "live 0");
  });

  scenario("a server renders, the browser takes over, and a missing provider is named", async (visitor, stage, consumer) => {
    const { html, complaint } = JSON.parse(await consumer.run("../src/server.js"));
    assert.match(html, /loading fine/);
    assert.match(complaint, /useMonoConnect\(\) needs a <MonoConnectProvider>/);

    await openProbe(visitor.page, url);
    await visitor.page.evaluate((rendered) => window.probe.hydrate(rendered), html);
    await says(visitor.page, "ready fine");
    await counts(visitor.page, "live 0");
    assertNoTrouble(visitor);
  });
}

async function ownFiles() {
  const names = (await readdir(FILES, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = names.map(async (entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return [path.relative(FILES, file), await readFile(file, "utf8")];
  });
  return Object.fromEntries(await Promise.all(texts));
}

async function openProbe(page, url) {
  await page.goto(`${url}probe.html`);
  await page.waitForFunction(() => window.probe);
}

const made = (page) => page.evaluate(() => window.probe.counts);
const says = (page, words) => page.locator("output").filter({ hasText: words }).waitFor();

/** Both components say the same. */
async function counts(page, words) {
  for (const name of ["first", "second"]) await page.getByTitle(name).filter({ hasText: words }).waitFor();
}

/** How many streams of events the page has opened, and how many of them are open. */
function watchStreams(page) {
  const streams = { opened: 0, open: 0 };
  const isStream = (request) => new URL(request.url()).pathname.endsWith("/api/events");
  page.on("request", (request) => {
    if (!isStream(request)) return;
    streams.opened += 1;
    streams.open += 1;
  });
  for (const end of ["requestfinished", "requestfailed"]) {
    page.on(end, (request) => {
      if (isStream(request)) streams.open -= 1;
    });
  }
  return streams;
}
