// The content security policy that the package's README publishes is enough for it, and no part of it is too much.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { BarePage, connectFile, SCRIPT, siteFolder, VERSIONS } from "./guarantees-page.mjs";
import { eventually, Stage } from "./harness.mjs";

const README = readFileSync(new URL("../../web/npm/README.md", import.meta.url), "utf8");
const NONCE = "cjRuZDBt";
const PUBLISHED = /## Content security policy[^]*?```text\n([^]*?)```/.exec(README)[1].trim().replaceAll("\n", " ").replaceAll("'nonce-…'", `'nonce-${NONCE}'`);
const WIDGET_SCRIPT_ORIGIN = new URL(SCRIPT).origin;

const site = siteFolder();
let stage;

before(async () => {
  stage = await Stage.start({ env: { STATIC_DIR: site.path, MONO_WIDGET_ORIGINS: undefined, MONO_WIDGET_SCRIPT_URL: undefined } });
});

after(async () => {
  await stage?.stop();
  site.remove();
});

/** Opens a page under a policy; `page.violations` are what it forbade. */
async function under(policy, version) {
  const bare = await BarePage.open(stage, { withConnect: false, address: "/not-yet", contextOptions: { bypassCSP: false } });
  await bare.context.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => window.violations.push(`${effectiveDirective} ${blockedURI}`));
  });
  const serve = (route) => route.fulfill({ contentType: "text/javascript", path: connectFile(version) });
  await bare.context.route(SCRIPT, serve);
  await bare.context.route(`${stage.proxy.url}/connect.js`, serve);
  await bare.context.route(`${stage.proxy.url}/`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  const answer = await bare.page.goto(`${stage.proxy.url}/`);
  assert.equal(await answer.headerValue("content-security-policy"), policy);
  bare.violations = () => bare.page.evaluate(() => window.violations);
  return bare;
}

/** Loads the package and makes an instance with the page's nonce, and the widget's class where the page brings one. */
const create = (bare, { connect = false, nonce = NONCE } = {}) =>
  bare.page.evaluate(
    async ([has, text]) => {
      const { default: init, MonoConnect } = await import("/mono-connect/index.js");
      await init();
      window.mono = await MonoConnect.create({ ...(has && { connect: window.Connect }), ...(text && { nonce: text }) });
    },
    [connect, nonce],
  );

/** The policy with one source of a directive left out. */
function without(directive, source) {
  const parts = PUBLISHED.split(";").map((part) => {
    const words = part.trim().split(/\s+/);
    return words[0] === directive ? words.filter((word) => word !== source).join(" ") : part.trim();
  });
  const policy = parts.join("; ").trim();
  assert.notEqual(policy.replaceAll(" ", ""), PUBLISHED.replaceAll(" ", ""), `${directive} names ${source}`);
  return policy;
}

const ownScript = (bare) =>
  bare.page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const script = Object.assign(document.createElement("script"), { src: "/connect.js", onload: resolve, onerror: reject });
        document.head.append(script);
      }),
  );

for (const version of VERSIONS) {
  test(`${version}: linking and logging in again under the published policy violates nothing`, { timeout: 60_000 }, async () => {
    const bare = await under(PUBLISHED, version);
    try {
      await create(bare);
      const { id } = await bare.link();
      await bare.begin("login", `mono.reauthorise(${JSON.stringify(id)})`);
      if (version === "2.2.0") {
        await bare.widget();
        const looks = await bare.page.evaluate(() => ["#mono-connect--widget-div", ".app-loader__spinner"].map((it) => getComputedStyle(document.querySelector(it)).position));
        assert.deepEqual(looks, ["fixed", "relative"], "it looks as it should");
      } else {
        assert.equal(await bare.failure("login"), "reauthorise_unsupported");
      }
      assert.deepEqual(await bare.violations(), []);
      assert.deepEqual(bare.troubles, []);
    } finally {
      await bare.close();
    }
  });
}

test("a Connect that the page brings needs no other script origin", { timeout: 60_000 }, async () => {
  const bare = await under(without("script-src", WIDGET_SCRIPT_ORIGIN), "2.2.0");
  try {
    await ownScript(bare);
    await create(bare, { connect: true });
    assert.match((await bare.link()).id, /^\w+$/);
    assert.deepEqual(await bare.violations(), []);
  } finally {
    await bare.close();
  }
});

test("a nonce for scripts takes the place of the widget's script origin", { timeout: 60_000 }, async () => {
  const policy = PUBLISHED.replace(WIDGET_SCRIPT_ORIGIN, `'nonce-${NONCE}'`);
  assert.notEqual(policy, PUBLISHED);
  const bare = await under(policy, "2.2.0");
  try {
    await create(bare);
    assert.match((await bare.link()).id, /^\w+$/);
    assert.deepEqual(await bare.violations(), []);
  } finally {
    await bare.close();
  }
});

test("without the widget's script origin, its script is a typed failure", { timeout: 60_000 }, async () => {
  const bare = await under(without("script-src", WIDGET_SCRIPT_ORIGIN), "2.2.0");
  try {
    await create(bare, { nonce: "" });
    await bare.begin("link", "mono.link()");
    assert.equal(await bare.failure("link"), "widget_load_failed");
    assert.deepEqual(await bare.violations(), [`script-src-elem ${SCRIPT}`]);
  } finally {
    await bare.close();
  }
});

test("Mono's class itself is what needs styles by nonce, and nothing needs more", { timeout: 60_000 }, async () => {
  const bare = await under(without("style-src", `'nonce-${NONCE}'`), "2.2.0");
  try {
    await create(bare);
    assert.deepEqual(await bare.violations(), [], "the package alone needs none");
    await bare.link();
    const violations = await bare.violations();
    assert.ok(violations.length > 0);
    for (const violation of violations) assert.equal(violation, "style-src-elem inline");
  } finally {
    await bare.close();
  }
});

test("without a nonce, 'unsafe-inline' styles in its place are enough", { timeout: 60_000 }, async () => {
  const bare = await under(PUBLISHED.replace(`'nonce-${NONCE}'`, "'unsafe-inline'"), "2.2.0");
  try {
    await create(bare, { nonce: "" });
    await bare.link();
    assert.deepEqual(await bare.violations(), []);
  } finally {
    await bare.close();
  }
});

test("without frame-src for the widget's origin, its frame stays empty", { timeout: 60_000 }, async () => {
  const bare = await under(without("frame-src", "https://connect.mono.co"), "2.2.0");
  try {
    await create(bare);
    await bare.begin("link", "mono.link()");
    await eventually("the violation", async () => (await bare.violations()).length > 0);
    for (const violation of await bare.violations()) assert.match(violation, /^frame-src https:\/\/connect\.mono\.co/);
    assert.deepEqual(bare.askedOfWidget, []);
    await bare.page.evaluate(() => window.mono.close());
    assert.equal(await bare.failure("link"), "dismissed");
  } finally {
    await bare.close();
  }
});

test("without connect-src for the proxy, and for the module, the failure is typed", { timeout: 60_000 }, async () => {
  const bare = await under(PUBLISHED.replace("connect-src 'self'", "connect-src 'none'"), "2.2.0");
  try {
    await bare.begin("init", "import('/mono-connect/index.js').then(({ default: init }) => init())");
    assert.equal(await bare.failure("init"), "network");
    await bare.page.evaluate(() => import("/mono-connect/index.js").then(({ MonoConnect }) => (window.MonoConnect = MonoConnect)));
    const violations = await bare.violations();
    assert.ok(violations.length > 0);
    for (const violation of violations) assert.match(violation, /^connect-src /);
  } finally {
    await bare.close();
  }
});

test("without 'wasm-unsafe-eval' the module is a typed failure", { timeout: 60_000 }, async () => {
  const bare = await under(without("script-src", "'wasm-unsafe-eval'"), "2.2.0");
  try {
    await bare.begin("init", "import('/mono-connect/index.js').then(({ default: init }) => init())");
    assert.equal(await bare.failure("init"), "network");
    assert.notDeepEqual(await bare.violations(), []);
  } finally {
    await bare.close();
  }
});
