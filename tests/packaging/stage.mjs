// Real proxy, real simulator and Chromium around a consumer, and its page as a visitor uses it.

import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { freePort, Stage } from "../browser/harness.mjs";
import { newVisitor } from "../browser/scenario.mjs";
import { Consumer } from "./consumer.mjs";

const PATIENCE_MS = 240_000;

/**
 * Declares a consumer for a test file, and returns the function that declares its tests.
 *
 * @param {string} project a folder in `consumers/`
 * @param {{name?: string, site?: string, prepare?: (consumer: Consumer, stage: Stage) => Promise<void>, processingTime?: string}} [options]
 *   `name`: that of the copy, where several use one project; `site`: the folder of the consumer's that the proxy serves; `prepare`: writes and builds it
 */
export function onConsumer(project, { name = project, site = "site", prepare, processingTime = "1s" } = {}) {
  let consumer;
  let stage;
  let devPort;
  before(async () => {
    [consumer, devPort] = await Promise.all([Consumer.install(project, name), freePort()]);
    await mkdir(consumer.at(site), { recursive: true });
    process.env.MONO_CONNECT_WWW = consumer.at(site);
    stage = await Stage.start({ processingTime, env: { ALLOWED_ORIGINS: `http://localhost:${devPort}` } });
    stage.devPort = devPort;
    await prepare?.(consumer, stage);
  }, { timeout: PATIENCE_MS });
  after(async () => {
    await consumer?.stop();
    await stage?.stop();
  });
  /**
   * @param {string} title
   * @param {(visitor: Awaited<ReturnType<typeof newVisitor>>, stage: Stage, consumer: Consumer) => Promise<void>} body
   */
  return function scenario(title, body) {
    test(`${name}: ${title}`, { timeout: PATIENCE_MS }, async () => {
      const visitor = await newVisitor(stage);
      // The README's pages have no icon, and the browser asks for one.
      await visitor.context.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
      try {
        await body(visitor, stage, consumer);
      } catch (error) {
        const shown = await visitor.page.locator("body").innerText().catch(() => "");
        throw new Error(`${error.message}\n--- page\n${shown}\n--- browser\n${visitor.troubles.join("\n")}\n${stage.logs()}`, { cause: error });
      } finally {
        await visitor.context.close();
      }
    });
  };
}

/** Links an account on a page that is made like the README's. */
export async function linkAccount({ page, widget }, { bank = "GTBank" } = {}) {
  await page.getByRole("button", { name: "Link a bank account" }).click();
  await widget.linkAccount({ bank });
  await page.getByRole("status").filter({ hasText: `Linked: ${bank}` }).waitFor();
}

/** Waits until the page lists the account with its data there. */
export async function seesAccount({ page }, { bank = "GTBank" } = {}) {
  await page.getByRole("listitem").filter({ hasText: `${bank}: AVAILABLE` }).waitFor();
}
