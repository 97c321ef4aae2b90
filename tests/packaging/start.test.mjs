// What the README tells a newcomer to type, typed: from two terminals to a linked account.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { after, before, test } from "node:test";
import { freePort, openBrowser, Program, proxyBinary, simulatorBinary } from "../browser/harness.mjs";
import { newVisitor } from "../browser/scenario.mjs";
import { Consumer } from "./consumer.mjs";
import { commands, samples, section } from "./readme.mjs";
import { linkAccount } from "./stage.mjs";

const PATIENCE_MS = 240_000;

let browser;
let proxy;
let simulator;
let url;

before(async () => {
  const consumer = await Consumer.install("plain", "start");
  await consumer.write(samples("Plain HTML"));
  await cp(consumer.at("node_modules/mono-connect"), consumer.at("site/mono-connect"), { recursive: true });

  // The ports are free ones, and the programs those that were built already; all else is as it stands there.
  const [page, mono, admin] = await Promise.all([freePort(), freePort(), freePort()]);
  url = `http://127.0.0.1:${page}`;
  const typed = commands("Start").map((text) => text.replaceAll("127.0.0.1:8080", `127.0.0.1:${page}`).replaceAll("127.0.0.1:4010", `127.0.0.1:${mono}`));
  const command = (name, binary, options = "") => {
    const lines = typed.filter((text) => text.includes(`target/debug/${name}`));
    assert.equal(lines.length, 1, `the README starts ${name} once`);
    return lines[0].replace(`target/debug/${name}`, `exec '${binary}'${options}`);
  };
  const shell = (name, text, env) => new Program(name, "sh", ["-ec", text], env, consumer.folder);
  simulator = shell("mono-simulator", command("mono-simulator", simulatorBinary(), ` --listen 127.0.0.1:${mono}`), {});
  await simulator.until("it listens", (log) => log.includes("listening on"));
  proxy = shell("mono-connect-proxy", command("mono-connect-proxy", proxyBinary()), {
    LISTEN_ADDR: `127.0.0.1:${page}`,
    ADMIN_ADDR: `127.0.0.1:${admin}`,
    PUBLIC_URL: url,
    STATIC_DIR: "site",
  });
  await proxy.until("it is ready", async () => (await fetch(`http://127.0.0.1:${admin}/readyz`).catch(() => null))?.ok);
  browser = await openBrowser();
}, { timeout: PATIENCE_MS });

after(async () => {
  await browser?.close();
  await proxy?.stop();
  await simulator?.stop();
});

test("the commands of the start lead to a linked account", { timeout: PATIENCE_MS }, async () => {
  const visitor = await newVisitor({ browser, proxy: { url }, simulator: {} });
  try {
    await visitor.context.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
    await visitor.page.goto(url);
    await linkAccount(visitor);
    // The user and the password that the visitor has used are those that the README names.
    assert.match(section("Start"), /`samuel\.olamide`, the password `123456`/);
  } catch (error) {
    throw new Error(`${error.message}\n--- browser\n${visitor.troubles.join("\n")}\n${proxy.lastWords()}\n${simulator.lastWords()}`, { cause: error });
  } finally {
    await visitor.context.close();
  }
});

test("every sample project is begun with what its consumer installs", () => {
  for (const [heading, needed] of Object.entries({ Vite: ["vite"], React: ["react", "react-dom", "vite", "@vitejs/plugin-react"], "Next.js": ["next", "react", "react-dom"] })) {
    const [text] = commands(heading);
    const [, install] = /^npm install (.*)$/m.exec(text);
    assert.deepEqual(install.split(" ").slice(0, -1).toSorted(), needed.toSorted(), heading);
    assert.match(install, /mono-connect-0\.1\.0\.tgz$/);
  }
});
