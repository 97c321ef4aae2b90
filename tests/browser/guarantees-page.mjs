// A page with nothing on it but the npm package, Mono's real widget class, and a widget that says what a test tells it
// to. Counts what the widget leaves behind.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventually, wwwFolder } from "./harness.mjs";

const FRAME = "#mono-connect--frame-id";
const WIDGET_HOSTS = /^https:\/\/connect\.(mono\.co|withmono\.com)\//;
const EMPTY = "<!doctype html><meta charset=utf-8><title>Empty</title>";
/** Says to the page whatever the page tells it to say. */
const PARROT = `${EMPTY}<script>onmessage = ({ data }) => parent.postMessage(data, "*")</script>`;

export const VERSIONS = ["0.2.5", "2.0.2", "2.2.0"];
export const STRANGER = "https://stranger.example/";
export const SCRIPT = "https://connect.withmono.com/connect.js";

const resolve = createRequire(import.meta.url).resolve;

/** The file of Mono's package in one version. */
export const connectFile = (version) => resolve(`connect-${version}`);

/** A folder to serve: an empty page and the package. */
export function siteFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), "mono-connect-site-"));
  cpSync(path.join(wwwFolder(), "mono-connect"), path.join(folder, "mono-connect"), { recursive: true });
  writeFileSync(path.join(folder, "index.html"), EMPTY);
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs in the page before anything else: counts listeners, and keeps hold of the wasm memory. */
function watchPage() {
  const listeners = [];
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const same = (listener, [kind, callback, options]) =>
    listener.kind === kind && listener.callback === callback && listener.capture === Boolean(options?.capture ?? options);
  EventTarget.prototype.addEventListener = function (...given) {
    const [kind, callback, options] = given;
    if ((this ?? window) === window && !listeners.some((listener) => same(listener, given))) {
      listeners.push({ kind, callback, capture: Boolean(options?.capture ?? options) });
    }
    return addEventListener.apply(this ?? window, given);
  };
  EventTarget.prototype.removeEventListener = function (...given) {
    const at = (this ?? window) === window ? listeners.findIndex((listener) => same(listener, given)) : -1;
    if (at >= 0) listeners.splice(at, 1);
    return removeEventListener.apply(this ?? window, given);
  };
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const made = await original.apply(WebAssembly, given);
      window.wasmMemory = (made.instance ?? made).exports.memory;
      return made;
    };
  }
  // Those of the browser's driver.
  const foreign = /^(__playwright|auxclick|click|contextmenu|dblclick|mouse|pointer|touch)/;
  window.listenerKinds = () => listeners.map(({ kind }) => kind).filter((kind) => !foreign.test(kind)).sort();
  window.outcomes = {};
  window.begin = (name, call) => {
    window.outcomes[name] = [];
    const keep = (outcome) => window.outcomes[name].push(outcome);
    Promise.resolve()
      .then(call)
      .then(
        (value) => keep({ value }),
        ({ name: kind, code, message, retryable, cause }) => keep({ error: { kind, code, message, retryable, cause: cause?.name } }),
      );
  };
}

/** One page of one visitor. */
export class BarePage {
  troubles = [];
  /** Bodies of `POST /api/accounts`. */
  exchanges = [];
  /** Addresses and headers that the widget's host was asked with. */
  askedOfWidget = [];

  static async open(stage, { version, address = "/", withConnect = true, contextOptions = {} } = {}) {
    const bare = new BarePage();
    bare.stage = stage;
    bare.context = await stage.browser.newContext({ bypassCSP: true, ...contextOptions });
    await bare.context.addInitScript(watchPage);
    if (withConnect) await bare.context.addInitScript({ path: connectFile(version) });
    await bare.context.route(WIDGET_HOSTS, async (route) => {
      bare.askedOfWidget.push(route.request().url(), JSON.stringify(await route.request().allHeaders()));
      await route.fulfill({ contentType: "text/html", body: PARROT });
    });
    await bare.context.route(`${STRANGER}**`, (route) => route.fulfill({ contentType: "text/html", body: EMPTY }));
    bare.page = await bare.context.newPage();
    bare.page.on("pageerror", (error) => bare.troubles.push(error.message));
    bare.page.on("request", (request) => {
      if (request.method() === "POST" && new URL(request.url()).pathname === "/api/accounts") bare.exchanges.push(request.postDataJSON());
    });
    await bare.page.goto(`${stage.proxy.url}${address}`);
    return bare;
  }

  close() {
    return this.context.close();
  }

  /** Loads the package and makes an instance, `window[name]`, which notes the widget's events in `window.heard[name]`. */
  async create(name = "mono", { withConnect = true } = {}) {
    await this.page.evaluate(
      async ([instance, has]) => {
        const { default: init, ...module } = await import("/mono-connect/index.js");
        await init();
        window.module = module;
        window.heard = { ...window.heard, [instance]: [] };
        window[instance] = await module.MonoConnect.create({
          ...(has && { connect: window.Connect }),
          onEvent: (event) => window.heard[instance].push(event),
        });
      },
      [name, withConnect],
    );
  }

  /** Begins a call, whose end `outcome` waits for. The text is JavaScript. */
  begin(name, call) {
    return this.page.evaluate(`begin(${JSON.stringify(name)}, () => ${call})`);
  }

  /** How a call ended: exactly once. */
  async outcome(name) {
    const ends = await eventually(`the end of ${name}`, () => this.page.evaluate((it) => (window.outcomes[it].length > 0 ? window.outcomes[it] : null), name));
    if (ends.length !== 1) throw new Error(`${name} ended ${ends.length} times`);
    return ends[0];
  }

  /** The code of the error that a call ended with. */
  async failure(name) {
    const { error, value } = await this.outcome(name);
    if (!error) throw new Error(`${name} ended with ${JSON.stringify(value)}`);
    return error.code;
  }

  isPending(name) {
    return this.page.evaluate((it) => window.outcomes[it].length === 0, name);
  }

  heard(name = "mono") {
    return this.page.evaluate((it) => window.heard[it], name);
  }

  /** The widget's frame, once it has loaded. */
  async widget() {
    const element = await this.page.waitForSelector(FRAME, { state: "attached" });
    const frame = await element.contentFrame();
    await frame.waitForURL(WIDGET_HOSTS);
    await frame.waitForLoadState("load");
    return frame;
  }

  /** Lets a frame say something to the page. The text is JavaScript. */
  async says(frame, message, to = "parent") {
    await frame.evaluate(`${to}.postMessage(${message}, "*")`);
    // Messages arrive in order, so what was sent before has been heard when this one is.
    await this.page.evaluate(
      () =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port2.onmessage = () => setTimeout(resolve);
          port1.postMessage(0);
        }),
    );
  }

  /** The widget gives this code. */
  gives(frame, code) {
    return this.says(frame, `{ type: "mono.connect.widget.account_linked", data: { code: ${JSON.stringify(code)} } }`);
  }

  /** A code for the link session that a widget was opened with. */
  async code(frame) {
    const reference = new URL(frame.url()).searchParams.get("reference");
    const answer = await fetch(`${this.stage.simulator.url}/_sim/codes`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ reference }),
    });
    return (await answer.json()).code;
  }

  /** Links one account, whatever else is on the page. */
  async link(name = "linked", instance = "mono") {
    await this.begin(name, `${instance}.link()`);
    const frame = await this.widget();
    await this.gives(frame, await this.code(frame));
    return (await this.outcome(name)).value;
  }

  /** All that a widget could have left behind. */
  remains() {
    return this.page.evaluate(() => ({
      listeners: window.listenerKinds(),
      elements: Array.from(document.querySelectorAll("*"), (element) => element.localName).join(" "),
      own: ["addEventListener", "setTimeout"].filter((name) => Object.hasOwn(window, name) && !/native/.test(window[name])).join(),
      document: Object.getOwnPropertyNames(document).filter((name) => name !== "location").join(),
      prototype: Object.keys(window.Connect?.prototype ?? {}).sort().join(),
    }));
  }

  /** Bytes of the module's memory, once the browser has collected what JavaScript no longer holds of it. */
  async memory() {
    this.debugger ??= await this.context.newCDPSession(this.page);
    await this.debugger.send("HeapProfiler.collectGarbage");
    await this.page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    return this.page.evaluate(() => window.wasmMemory.buffer.byteLength);
  }
}
