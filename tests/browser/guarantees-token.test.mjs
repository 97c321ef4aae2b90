// A site whose own login decides who is calling: the real proxy with `AUTH_MODE=jwt`, the package with `token`.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { BarePage, siteFolder } from "./guarantees-page.mjs";
import { eventually, Stage } from "./harness.mjs";

const SECRET = "a secret of the site's own login, long enough";
const site = siteFolder();
let stage;

before(async () => {
  stage = await Stage.start({
    env: { STATIC_DIR: site.path, MONO_WIDGET_ORIGINS: undefined, AUTH_MODE: "jwt", JWT_SECRET: SECRET, SESSION_KEY: undefined },
  });
});

after(async () => {
  await stage?.stop();
  site.remove();
});

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token of the site's, good or over. */
function token(user, { seconds }) {
  const text = `${base64({ alg: "HS256", typ: "JWT" })}.${base64({ sub: user, exp: Math.floor(Date.now() / 1000) + seconds })}`;
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`;
}

test("a token that is over is replaced, calls and events carry it, and no cookie is set", { timeout: 60_000 }, async () => {
  const bare = await BarePage.open(stage, { version: "2.2.0" });
  try {
    const given = [];
    await bare.page.exposeFunction("siteToken", () => {
      // Every other one is over.
      const fresh = token("ada", { seconds: given.length % 2 === 0 ? -3600 : 3600 });
      given.push(fresh);
      return fresh;
    });
    await bare.page.evaluate(async () => {
      const { default: init, ...module } = await import("/mono-connect/index.js");
      await init();
      window.mono = await module.MonoConnect.create({ connect: window.Connect, token: () => window.siteToken() });
      window.events = [];
      window.mono.watch((event) => window.events.push(event));
    });
    const told = (look) => eventually("the event", async () => (await bare.page.evaluate("events")).find(look));
    await told((event) => event.type === "snapshot" && event.accounts.length === 0);
    const account = await bare.link();
    await told((event) => event.type === "account" && event.account.id === account.id);
    const { accounts } = await bare.page.evaluate("mono.accounts()");
    assert.deepEqual(accounts.map(({ id }) => id), [account.id]);
    assert.ok(given.length >= 8, "each call asked for one");
    assert.deepEqual(await bare.context.cookies(), []);
    assert.deepEqual(bare.troubles, []);

    await bare.page.evaluate(async (stranger) => {
      window.other = await window.mono.constructor.create({ token: () => stranger });
    }, token("obi", { seconds: 3600 }));
    assert.deepEqual(await bare.page.evaluate("other.accounts()"), { accounts: [] });
  } finally {
    await bare.close();
  }
});
