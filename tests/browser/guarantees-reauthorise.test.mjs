// What every version of Mono's class does with what the proxy gives to re-authorise: takes it for what it is, or is refused.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BarePage, siteFolder, VERSIONS } from "./guarantees-page.mjs";
import { Stage } from "./harness.mjs";

/** What each version takes. */
const TAKES = { "0.2.5": "token", "2.0.2": "token", "2.2.0": "account_id" };

const site = siteFolder();
const stages = {};

before(async () => {
  for (const method of ["token", "account_id", "hosted_link"]) {
    stages[method] = await Stage.start({
      env: { STATIC_DIR: site.path, MONO_REAUTH: method, MONO_WIDGET_ORIGINS: undefined, MONO_WIDGET_SCRIPT_URL: undefined },
    });
  }
});

after(async () => {
  for (const stage of Object.values(stages)) await stage.stop();
  site.remove();
});

/** Declares a test with a page on which an account is linked. */
function withAccount(version, method, title, body) {
  test(`${version} and ${method}: ${title}`, { timeout: 60_000 }, async () => {
    const stage = stages[method];
    const bare = await BarePage.open(stage, { version });
    try {
      await bare.create();
      const { id } = await bare.link();
      bare.askedOfWidget.length = 0;
      await body(bare, id, stage);
      assert.deepEqual(bare.troubles, [], "nothing was thrown at the page");
    } catch (error) {
      throw new Error(`${error.message}\n--- browser\n${bare.troubles.join("\n")}\n${stage.logs()}`, { cause: error });
    } finally {
      await bare.close();
    }
  });
}

for (const version of VERSIONS) {
  for (const method of ["token", "account_id"]) {
    if (TAKES[version] === method) {
      withAccount(version, method, "the user logs in again, and nothing of the widget's remains", async (bare, id, { simulator }) => {
        const before = await bare.remains();
        await simulator.change(id, { reauth_required: true });
        await bare.begin("login", `mono.reauthorise(${JSON.stringify(id)})`);
        const frame = await bare.widget();
        const query = new URL(frame.url()).searchParams;
        if (method === "token") {
          assert.ok(query.get("reauth_token"));
          assert.notEqual(query.get("reauth_token"), id);
        } else {
          assert.equal(JSON.parse(query.get("data")).account, id);
        }
        await simulator.reauthorise(id);
        await bare.gives(frame, "a code that nobody wants");
        const { value } = await bare.outcome("login");
        assert.deepEqual([value.id, value.requires_reauth], [id, false]);
        assert.equal(bare.exchanges.length, 1, "only the link was exchanged");
        assert.deepEqual(await bare.remains(), before);
      });
    } else {
      withAccount(version, method, "it is refused, and the widget is told nothing", async (bare, id) => {
        const before = await bare.remains();
        await bare.begin("login", `mono.reauthorise(${JSON.stringify(id)})`);
        assert.equal(await bare.failure("login"), "reauthorise_unsupported");
        assert.deepEqual(bare.askedOfWidget, [], "no frame was given an address");
        assert.deepEqual(await bare.remains(), before);
        await bare.link("afterwards");
      });

      withAccount(version, method, "it is refused also where its source text tells nothing", async (bare, id) => {
        await bare.page.evaluate(() => (Function.prototype.toString = () => "function () { [native code] }"));
        await bare.begin("login", `mono.reauthorise(${JSON.stringify(id)})`);
        assert.equal(await bare.failure("login"), "reauthorise_unsupported");
        assert.deepEqual(bare.askedOfWidget, [], "no frame was given an address");
      });
    }
  }
}

withAccount("2.2.0", "hosted_link", "without a redirect of the page's own, the page itself goes to Mono", async (bare, id, { simulator }) => {
  assert.equal(await bare.page.evaluate(() => window.mono.reauthoriseMethod), "hosted_link");
  await bare.context.route(`${simulator.url}/link/**`, (route) => route.fulfill({ contentType: "text/html", body: "<title>Mono</title>" }));
  await bare.page.evaluate((it) => void window.mono.reauthorise(it), id);
  await bare.page.waitForURL(`${simulator.url}/link/**`);
  assert.equal(await bare.page.title(), "Mono");
  assert.deepEqual(bare.askedOfWidget, []);
});

withAccount("2.2.0", "hosted_link", "with one, that is asked, and the account is given as it was", async (bare, id) => {
  await bare.page.evaluate(async () => {
    window.sent = [];
    window.mono = await window.mono.constructor.create({ redirect: (url) => window.sent.push(url) });
  });
  await bare.begin("login", `mono.reauthorise(${JSON.stringify(id)})`);
  assert.equal((await bare.outcome("login")).value.id, id);
  assert.equal((await bare.page.evaluate(() => window.sent)).length, 1);
});
