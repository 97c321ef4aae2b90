// The content security policy that the package's README publishes is enough for it, and no part of it is too much.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { BarePage, connectFile, SCRIPT, siteFolder, VERSIONS } from "./guarantees-page.mjs";
import { Stage } from "./harness.mjs";

const README = readFileSync(new URL("../../web/npm/README.md", import.meta.url), "utf8");
const PUBLISHED = /## Content security policy[^]*?```text\n([^]*?)```/.exec(README)[1].trim().replaceAll("\n", " ");
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
  test(`${version}: linking under the published policy violates nothing`, { timeout: 60_000 }, async () => {
    const loading = await under(PUBLISHED, version);
    try {
      await loading.create("mono", { withConnect: false });
      assert.match((await loading.link()).id, /^\w+$/);
      assert.deepEqual(await loading.violations(), []);
      assert.deepEqual(loading.troubles, []);
    } finally {
      await loading.close();
    }
  });
}

test("a Connect that the page brings needs no other script origin", { timeout: 60_000 }, async () => {
  const bare = await under(without("script-src", WIDGET_SCRIPT_ORIGIN), "2.2.0");
  try {
    await ownScript(bare);
    await bare.create();
    assert.match((await bare.link()).id, /^\w+$/);
    assert.deepEqual(await bare.violations(), []);
  } finally {
    await bare.close();
  }
});

test("without the widget's script origin, its script is a typed failure", { timeout: 60_000 }, async () => {
  const bare = await under(without("script-src", WIDGET_SCRIPT_ORIGIN), "2.2.0");
  try {
    await bare.create("mono", { withConnect: false });
    await bare.begin("link", "mono.link()");
    assert.equal(await bare.failure("link"), "widget_load_failed");
    assert.deepEqual(await bare.violations(), [`script-src-elem ${SCRIPT}`]);
  } finally {
    await bare.close();
  }
});

test("Mono's class itself is what needs inline styles", { timeout: 60_000 }, async () => {
  const bare = await under(without("style-src", "'unsafe-inline'"), "2.2.0");
  try {
    await bare.create("mono", { withConnect: false });
    assert.deepEqual(await bare.violations(), [], "the package alone needs none");
    await bare.link();
    const violations = await bare.violations();
    assert.ok(violations.length > 0);
    for (const violation of violations) assert.match(violation, /^style-src-(elem|attr) inline$/);
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
