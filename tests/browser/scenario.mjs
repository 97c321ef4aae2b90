// One test in a fresh browser context, with everything kept that a failure needs to be understood.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DemoPage } from "./demo-page.mjs";
import { picture, Stage } from "./harness.mjs";

const TEST_TIMEOUT_MS = 90_000;

/**
 * Declares a stage for a test file, and returns the function that declares its tests.
 *
 * @param {Parameters<typeof Stage.start>[0]} options
 */
export function onStage(options = {}) {
  let stage;
  before(async () => {
    stage = await Stage.start(options);
  });
  after(async () => {
    await stage?.stop();
  });
  /**
   * @param {string} name
   * @param {(demo: DemoPage, stage: Stage) => Promise<void>} body
   * @param {import("playwright-core").BrowserContextOptions & {initScript?: string}} [contextOptions]
   */
  return function scenario(name, body, { initScript, ...contextOptions } = {}) {
    test(name, { timeout: TEST_TIMEOUT_MS }, async () => {
      const demo = await newVisitor(stage, { initScript, ...contextOptions });
      try {
        await body(demo, stage);
        await stage.simulator.calm();
      } catch (error) {
        // The next test must not meet what this one ordered; a simulator that is gone is reported below.
        await stage.simulator.calm().catch(() => {});
        await picture(demo.page, `failed-${name.replaceAll(/[^a-z0-9]+/gi, "-")}`).catch(() => {});
        throw new Error(`${error.message}\n--- browser\n${demo.troubles.join("\n")}\n${stage.logs()}`, { cause: error });
      } finally {
        await demo.context.close();
      }
    });
  };
}

/** A browser of its own kind of visitor: no cookie, no history. */
export async function newVisitor(stage, { initScript, ...contextOptions } = {}) {
  const context = await stage.browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en-NG",
    timezoneId: "Africa/Lagos",
    ...contextOptions,
  });
  if (initScript) await context.addInitScript({ path: initScript });
  return new DemoPage(context, await context.newPage(), stage);
}

/** Fails when the browser had anything to complain about: errors, blocked content, failed requests. */
export function assertNoTrouble(demo) {
  assert.deepEqual(demo.troubles, []);
}
