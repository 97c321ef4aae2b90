// Starts the real proxy and the real simulator on free ports, and a browser that sees them.
// Knows nothing of what is tested.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PATIENCE_MS = 20_000;
const LOOK_MS = 50;
const LOG_TAIL_LINES = 60;

export const ARTIFACTS = path.join(HERE, "artifacts");
export const SECRET_KEY = "test_sk_simulator";
export const PUBLIC_KEY = "test_pk_simulator";
export const WEBHOOK_SECRET = "whs_browser_tests";

/** A required path from the environment; the default is where `cargo build` and the demo put it. */
function required(variable, fallback) {
  const place = process.env[variable] ?? path.resolve(HERE, "../..", fallback);
  if (!existsSync(place)) throw new Error(`${variable} names ${place}, which does not exist`);
  return place;
}

export const proxyBinary = () => required("MONO_CONNECT_PROXY_BIN", "target/debug/mono-connect-proxy");
export const simulatorBinary = () => required("MONO_SIMULATOR_BIN", "target/debug/mono-simulator");
export const wwwFolder = () => required("MONO_CONNECT_WWW", "target/demo/www");
export const browserBinary = () => required("CHROMIUM_BIN", "/usr/bin/chromium");

/** Looks until `look` returns something other than null, undefined or false. */
export async function eventually(what, look, patience = PATIENCE_MS) {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not within ${patience} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** A port on loopback that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A program with its output kept. */
export class Program {
  #child;
  #name;
  log = "";

  constructor(name, binary, args, env, cwd) {
    this.#name = name;
    this.#child = spawn(binary, args, { cwd, env: { PATH: process.env.PATH, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => resolve({ code, signal }));
    });
    this.ended.then((end) => (this.end = end), (error) => (this.end = { error }));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => (this.log += text));
    }
  }

  /** Waits until the program says or does something, and complains with its output when it ends first. */
  async until(what, look) {
    return eventually(what, async () => {
      if (this.end) throw new Error(`${this.#name} ended (${JSON.stringify(this.end)}) before: ${what}`);
      return look(this.log);
    }).catch((error) => {
      throw new Error(`${error.message}\n${this.lastWords()}`);
    });
  }

  lastWords() {
    const end = this.end ? ` ended: ${JSON.stringify(this.end)}` : "";
    return `--- ${this.#name}${end}\n${this.log.split("\n").slice(-LOG_TAIL_LINES).join("\n")}`;
  }

  async stop(signal = "SIGTERM") {
    if (!this.end) this.#child.kill(signal);
    return this.ended;
  }
}

/** A browser, to be closed by whoever opens it. */
export function openBrowser(args = []) {
  return chromium.launch({ executablePath: browserBinary(), args: ["--no-sandbox", ...args] });
}

/** Runs a program to its end. */
export async function run(binary, args, env) {
  const program = new Program(path.basename(binary), binary, args, env);
  const { code } = await program.ended;
  return { code, output: program.log };
}

/** The simulated Mono, and its control. */
class Simulator {
  static async start({ webhookUrl, processingTime = "3s" }) {
    const simulator = new Simulator();
    simulator.processingTime = processingTime;
    const args = ["--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0", "--secret-key", SECRET_KEY, "--public-key", PUBLIC_KEY];
    args.push("--webhook-url", webhookUrl, "--webhook-secret", WEBHOOK_SECRET, "--seed", "1", "--processing-time", processingTime);
    simulator.program = new Program("mono-simulator", simulatorBinary(), args, {});
    simulator.url = await simulator.program.until("the simulator names its address", (log) => /listening on (http:\/\/[^\s/]+)/.exec(log)?.[1]);
    // What a day brings depends on the day and the hour; these tests must not.
    await simulator.settings({ habits: false });
    simulator.tlsPort = await simulator.program.until("the simulator names its TLS port", (log) => /https:\/\/[^\s:]+:(\d+)/.exec(log)?.[1]);
    return simulator;
  }

  state() {
    return this.#control("GET", "state");
  }

  /** What the simulator knows about one linked account. */
  async account(id) {
    return (await this.state()).accounts.find((account) => account.id === id);
  }

  /** Lets time pass. */
  advance(by) {
    return this.#control("POST", "clock", { advance: by });
  }

  /** Orders that calls of Mono's API fail. */
  fault(fault) {
    return this.#control("POST", "faults", fault);
  }

  clearFaults() {
    return this.#control("DELETE", "faults");
  }

  /** As it was at the start, but for its accounts. */
  async calm() {
    await this.clearFaults();
    await this.settings({ processing_time: this.processingTime, webhook: { drop: [] } });
  }

  change(id, change) {
    return this.#control("POST", `accounts/${id}`, change);
  }

  /** The link ends at Mono. */
  unlink(id) {
    return this.#control("POST", `accounts/${id}/unlink`);
  }

  /** The bank user logs in again without a browser. */
  reauthorise(id) {
    return this.#control("POST", `accounts/${id}/reauthorise`);
  }

  /** Mono's own refresh of every day, now. */
  refresh(id) {
    return this.#control("POST", `accounts/${id}/refresh`);
  }

  settings(patch) {
    return this.#control("POST", "settings", patch);
  }

  async requests() {
    const log = await this.#control("GET", "requests");
    return Array.isArray(log) ? log : log.requests;
  }

  async #control(method, what, body) {
    const answer = await fetch(`${this.url}/_sim/${what}`, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_sim/${what}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }
}

/** The proxy under test; it can be killed and started again on the same database and port. */
class Proxy {
  static async start({ port, simulator, folder, env }) {
    const adminPort = await freePort();
    const proxy = new Proxy();
    proxy.url = `http://127.0.0.1:${port}`;
    proxy.admin = `http://127.0.0.1:${adminPort}`;
    proxy.env = {
      ...proxyEnvironment(),
      MONO_API_URL: simulator.url,
      MONO_WIDGET_SCRIPT_URL: `${simulator.url}/connect.js`,
      MONO_WIDGET_ORIGINS: simulator.url,
      DATABASE_URL: `sqlite://${path.join(folder, "mono-connect.db")}`,
      LISTEN_ADDR: `127.0.0.1:${port}`,
      ADMIN_ADDR: `127.0.0.1:${adminPort}`,
      PUBLIC_URL: proxy.url,
      STATIC_DIR: wwwFolder(),
      ...env,
    };
    for (const [name, value] of Object.entries(proxy.env)) {
      if (value === undefined) delete proxy.env[name];
    }
    await proxy.up();
    return proxy;
  }

  async up() {
    this.program = new Program("mono-connect-proxy", proxyBinary(), [], this.env);
    await this.program.until("the proxy is ready", async () => (await fetch(`${this.admin}/readyz`).catch(() => null))?.ok);
  }

  /** Tells it an event as Mono does; gives the moment at which it was taken. */
  async told(event) {
    const answer = await fetch(`${this.url}/webhooks/mono`, {
      method: "POST",
      headers: { "content-type": "application/json", "mono-webhook-secret": WEBHOOK_SECRET },
      body: JSON.stringify(event),
    });
    if (answer.status !== 200) throw new Error(`an event was answered with ${answer.status}`);
    return Date.now();
  }

  /** Ends it as a crash would. */
  async kill() {
    await this.program.stop("SIGKILL");
  }
}

/** What the proxy needs at least. */
export function proxyEnvironment() {
  return {
    MONO_SECRET_KEY: SECRET_KEY,
    MONO_PUBLIC_KEY: PUBLIC_KEY,
    MONO_WEBHOOK_SECRET: WEBHOOK_SECRET,
    SESSION_KEY: randomBytes(32).toString("hex"),
  };
}

/** Simulator, proxy and browser together. */
export class Stage {
  /**
   * @param {{env?: Record<string, string | undefined>, processingTime?: string, mapToTls?: string[]}} options
   *   `env` for the proxy; `mapToTls`: host names that the browser finds at the simulator's TLS port
   */
  static async start({ env = {}, processingTime, mapToTls = [] } = {}) {
    const stage = new Stage();
    try {
      stage.folder = await mkdtemp(path.join(tmpdir(), "mono-connect-browser-"));
      const port = await freePort();
      stage.simulator = await Simulator.start({ webhookUrl: `http://127.0.0.1:${port}/webhooks/mono`, processingTime });
      stage.proxy = await Proxy.start({ port, simulator: stage.simulator, folder: stage.folder, env });
      // No name but those that are mapped leads anywhere: a test that reaches for the internet fails.
      const rules = [...mapToTls.map((host) => `MAP ${host} 127.0.0.1:${stage.simulator.tlsPort}`), "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1", "EXCLUDE localhost"];
      const args = [`--host-resolver-rules=${rules.join(", ")}`];
      if (mapToTls.length > 0) args.push("--ignore-certificate-errors");
      stage.browser = await openBrowser(args);
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  async stop() {
    await this.browser?.close();
    await this.proxy?.program.stop();
    await this.simulator?.program.stop();
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }

  /** The last words of both servers, for a failure's report. */
  logs() {
    return [this.proxy, this.simulator].map(({ program }) => program.lastWords()).join("\n");
  }
}

/** Keeps a picture beside the tests. */
export async function picture(page, name, options = {}) {
  await mkdir(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`), fullPage: true, animations: "disabled", ...options });
}
