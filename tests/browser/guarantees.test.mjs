// What the package promises whatever Mono's widget class does, with the real class in every tested version.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BarePage, connectFile, SCRIPT, siteFolder, STRANGER, VERSIONS } from "./guarantees-page.mjs";
import { eventually, Stage } from "./harness.mjs";

const ROUNDS = 100;
const site = siteFolder();
let stage;

before(async () => {
  stage = await Stage.start({
    env: { STATIC_DIR: site.path, RATE_LIMIT: "100000", MONO_WIDGET_ORIGINS: undefined, MONO_WIDGET_SCRIPT_URL: undefined },
  });
});

after(async () => {
  await stage?.stop();
  site.remove();
});

/** Declares a test for every version. */
function guarantee(name, body, { create = true, ...options } = {}) {
  for (const version of VERSIONS) {
    test(`${version}: ${name}`, { timeout: 60_000 }, async () => {
      const bare = await BarePage.open(stage, { version, ...options });
      try {
        if (create) await bare.create("mono", options);
        await body(bare, version);
        assert.deepEqual(bare.troubles, [], "nothing was thrown at the page");
      } catch (error) {
        throw new Error(`${error.message}\n--- browser\n${bare.troubles.join("\n")}\n${stage.logs()}`, { cause: error });
      } finally {
        await bare.close();
      }
    });
  }
}

const forged = (code) => ({ type: "mono.connect.widget.account_linked", data: { code } });

/** Adds a frame to the page and returns it once it has loaded. */
async function addFrame(page, name, address) {
  await page.evaluate(
    ([frameName, source]) =>
      new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.name = frameName;
        frame.onload = resolve;
        frame.src = source;
        document.body.append(frame);
      }),
    [name, address],
  );
  return page.frame({ name });
}

guarantee("an account is linked, and nothing of the widget's remains", async (bare) => {
  const before = await bare.remains();
  const account = await bare.link();
  assert.match(account.id, /^\w+$/);
  assert.deepEqual(await bare.remains(), before);
  assert.deepEqual((await bare.heard()).filter((event) => event === "SUCCESS"), ["SUCCESS"]);
});

guarantee("a message that does not come from the widget's own frame and an allowed origin reaches no callback", async (bare) => {
  const { page } = bare;
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  // The widget's class says by itself, some time later, that it is open.
  const heardOf = async () => (await bare.heard()).filter((event) => event !== "OPENED");
  const heardBefore = await heardOf();
  const message = (code) => JSON.stringify(forged(code));

  await page.evaluate((data) => window.postMessage(data, "*"), forged("from the page itself"));
  await page.evaluate((data) => {
    const frame = document.querySelector("#mono-connect--frame-id");
    const pretended = { data, origin: new URL(frame.src).origin, source: frame.contentWindow };
    window.dispatchEvent(new MessageEvent("message", pretended));
    window.dispatchEvent(Object.assign(new Event("message"), { data }));
  }, forged("made up with the right origin and source"));

  const popup = bare.context.waitForEvent("page");
  await page.evaluate((address) => void window.open(address), STRANGER);
  const other = await popup;
  await other.waitForLoadState();
  await bare.says(other, message("from another window"), "opener");

  const frames = {
    "another origin's frame": STRANGER,
    "a frame without an origin": "about:blank",
    "another frame of the widget's origin": new URL("/advertisement", widget.url()).href,
    "a frame of the page's own origin": `${stage.proxy.url}/`,
  };
  for (const [name, address] of Object.entries(frames)) {
    await bare.says(await addFrame(page, name, address), message(`from ${name}`));
  }
  for (const address of [STRANGER, new URL("/nested", widget.url()).href]) {
    await widget.evaluate(
      (source) =>
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.onload = resolve;
          frame.src = source;
          document.body.append(frame);
        }),
      address,
    );
  }
  for (const nested of widget.childFrames()) await bare.says(nested, message("from a frame inside the widget"), "top");

  assert.equal(await bare.isPending("link"), true);
  assert.deepEqual(await heardOf(), heardBefore);
  assert.deepEqual(bare.exchanges, []);

  const code = await bare.code(widget);
  await bare.gives(widget, code);
  assert.match((await bare.outcome("link")).value.id, /^\w+$/);
  assert.deepEqual(bare.exchanges.map((body) => body.code), [code]);
});

guarantee("what the widget's own frame says from a foreign origin is not believed", async (bare) => {
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  await widget.goto(STRANGER);
  await bare.gives(widget, "from a stranger in the widget's frame");
  assert.equal(await bare.isPending("link"), true);
  assert.deepEqual(bare.exchanges, []);
  await bare.page.evaluate(() => window.mono.close());
  assert.equal(await bare.failure("link"), "dismissed");
});

guarantee("stray messages throw nothing, and the page's own listeners get them all", async (bare) => {
  await bare.page.evaluate(() => {
    window.got = [];
    // What Mono's class itself makes up, to say that the widget is open, nobody sent.
    window.addEventListener("message", ({ data, isTrusted }) => isTrusted && window.got.push(typeof data));
  });
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  const cyclic = "(() => { const it = { type: 'x' }; it.it = it; return it; })()";
  const stray = ["null", "undefined", "'text'", "''", "7", "NaN", "true", "[]", "{}", "{ type: null }", "{ type: {} }", "{ type: 'unknown' }", "new Date(0)", "new Map([[1, 2]])", "new ArrayBuffer(8)", "'x'.repeat(1e6)", "{ type: 'mono.connect.error_occured' }", cyclic];
  const stranger = await addFrame(bare.page, "stranger", STRANGER);
  const sent = [];
  for (const message of stray) {
    for (const frame of [bare.page, widget, stranger]) {
      await bare.says(frame, message);
      sent.push(message);
    }
  }
  const got = await bare.page.evaluate(() => window.got);
  assert.equal(got.length, sent.length);
  assert.equal(await bare.isPending("link"), true);
  assert.equal((await bare.heard()).filter((event) => event === "ERROR").length, 1, "the widget's own word counts");
  await bare.says(widget, "{ type: 'mono.connect.widget.closed' }");
  assert.equal(await bare.failure("link"), "widget_error");
});

guarantee("two instances and the page's own never call each other's callbacks", async (bare) => {
  await bare.create("other");
  await bare.page.evaluate(() => {
    window.bareCalls = [];
    const note = (name) => () => window.bareCalls.push(name);
    window.bare = new window.Connect({ key: "test_pk_simulator", onSuccess: note("success"), onClose: note("close"), onEvent: note("event") });
  });
  await bare.begin("first", "mono.link()");
  const widget = await bare.widget();
  await bare.begin("busy", "other.link()");
  assert.equal(await bare.failure("busy"), "widget_busy");
  await bare.says(widget, "{ type: 'mono.connect.institution_selected', data: {} }");
  await bare.gives(widget, await bare.code(widget));
  const first = (await bare.outcome("first")).value;
  assert.deepEqual(await bare.heard("other"), []);
  const heardByFirst = await bare.heard("mono");
  assert.ok(heardByFirst.includes("INSTITUTION_SELECTED") && heardByFirst.includes("SUCCESS"));

  const second = await bare.link("second", "other");
  assert.notEqual(second.id, first.id);
  assert.deepEqual(await bare.heard("mono"), heardByFirst);
  assert.ok((await bare.heard("other")).includes("SUCCESS"));
  assert.deepEqual(await bare.page.evaluate(() => window.bareCalls), []);
});

guarantee("one link at a time, even in the same tick, and the turn comes back", async (bare) => {
  await bare.page.evaluate(() => {
    window.begin("first", () => window.mono.link());
    window.begin("second", () => window.mono.link());
    window.begin("reauthorise", () => window.mono.reauthorise("acc_1"));
    window.begin("setup", () => window.mono.setup());
  });
  for (const name of ["second", "reauthorise", "setup"]) assert.equal(await bare.failure(name), "widget_busy", name);
  await bare.widget();
  await bare.page.evaluate(() => window.mono.close());
  assert.equal(await bare.failure("first"), "dismissed");
  await bare.link("third");
});

guarantee("closing or aborting leaves nothing at once, and the next one may begin in the same tick", async (bare) => {
  const before = await bare.remains();
  for (const way of ["mono.close()", "controller.abort()"]) {
    await bare.begin("first", "mono.link({ signal: (window.controller = new AbortController()).signal })");
    await bare.widget();
    const now = await bare.page.evaluate(`(() => {
      ${way};
      const elements = Array.from(document.querySelectorAll("*"), (element) => element.localName).join(" ");
      const second = window.mono.link();
      window.begin("second", () => second);
      return elements;
    })()`);
    assert.equal(now, before.elements, way);
    assert.ok(["dismissed", "aborted"].includes(await bare.failure("first")));
    const widget = await bare.widget();
    await bare.gives(widget, await bare.code(widget));
    assert.ok((await bare.outcome("second")).value.id, way);
    assert.deepEqual(await bare.remains(), before);
  }
});

guarantee("closing by the page after an error is the widget's error, with what it reported", async (bare) => {
  await bare.begin("link", "mono.link().catch((error) => ({ code: error.code, message: error.message, cause: error.cause }))");
  const widget = await bare.widget();
  await bare.page.waitForSelector("#mono-connect--frame-id");
  await eventually("it is shown", async () => (await bare.heard()).includes("OPENED"));
  await bare.says(widget, "{ type: 'mono.connect.error_occured', data: { errorType: 'BANK_DOWN', errorMessage: 'The bank is down', reference: 'r' } }");
  await bare.page.evaluate(() => window.mono.close());
  assert.deepEqual((await bare.outcome("link")).value, {
    code: "widget_error",
    message: "The bank is down",
    cause: { errorType: "BANK_DOWN", errorMessage: "The bank is down", reference: "r" },
  });
});

guarantee("closing while the widget waits to be shown closes it for good", async (bare) => {
  const before = await bare.remains();
  await bare.page.clock.install();
  for (const prepared of [false, true]) {
    if (prepared) await bare.page.evaluate(() => window.mono.setup());
    await bare.begin("link", "mono.link()");
    await bare.widget();
    await bare.page.evaluate(() => window.mono.close());
    assert.equal(await bare.failure("link"), "dismissed");
    assert.deepEqual((await bare.remains()).elements, before.elements);
    await bare.page.clock.fastForward(5_000);
    assert.deepEqual((await bare.remains()).elements, before.elements, "it does not come back");
    assert.deepEqual((await bare.remains()).listeners, before.listeners);
  }
});

guarantee("everything that is said twice counts once", async (bare) => {
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  const code = await bare.code(widget);
  await widget.evaluate((linked) => {
    const closed = { type: "mono.connect.widget.closed" };
    // Later, because the first one ends this frame.
    setTimeout(() => {
      for (const message of [linked, linked, closed, closed, linked]) parent.postMessage(message, "*");
    });
  }, forged(code));
  await eventually("the exchange", () => bare.exchanges.length > 0);
  await bare.page.evaluate(() => window.mono.close());
  assert.match((await bare.outcome("link")).value.id, /^\w+$/);
  await bare.page.evaluate(() => window.mono.close());
  assert.deepEqual(bare.exchanges.map((body) => body.code), [code]);
  assert.match((await bare.outcome("link")).value.id, /^\w+$/);
});

guarantee(`${ROUNDS} rounds leave as many listeners, elements and bytes as none`, async (bare) => {
  // The proxy is not what is tested here, and two calls of it in each round take most of the time.
  await bare.page.evaluate(() => {
    const widget = { key: "test_pk_simulator", scope: "auth", reference: "mcl_1", data: {} };
    const answers = {
      "/api/link-sessions": { reference: "mcl_1", expires_at: new Date(Date.now() + 3_600_000).toISOString(), widget },
      "/api/accounts": { id: "acc_1" },
    };
    window.fetch = async ({ url }) => Response.json(answers[new URL(url).pathname], { status: 201 });
  });
  const before = await bare.remains();
  // In the page, because going to and fro a hundred times would take longer than the rounds.
  const run = (rounds) =>
    bare.page.evaluate(async (count) => {
      /** The widget's frame, once it is there or has loaded. */
      const frame = (event) =>
        new Promise((resolve) => {
          const look = () => {
            const found = document.querySelector("#mono-connect--frame-id");
            if (!found) setTimeout(look);
            else if (event) found.addEventListener(event, () => resolve(found), { once: true });
            else resolve(found);
          };
          look();
        });
      const ended = {};
      for (let round = 0; round < count; round += 1) {
        const controller = new AbortController();
        const way = round % 5;
        const there = frame(way > 1 ? "load" : null);
        if (way === 4) await window.mono.setup();
        const linking = window.mono.link({ signal: controller.signal }).then(
          ({ id }) => id,
          ({ code }) => code,
        );
        const { contentWindow: widget } = await there;
        if (way === 0) window.mono.close();
        if (way === 1) controller.abort();
        if (way === 2) widget.postMessage({ type: "mono.connect.widget.closed" }, "*");
        if (way > 2) widget.postMessage({ type: "mono.connect.widget.account_linked", data: { code: `code_${round}` } }, "*");
        const end = await linking;
        ended[end] = (ended[end] ?? 0) + 1;
      }
      return ended;
    }, rounds);
  const some = 20;
  const expected = { dismissed: (2 * some) / 5, aborted: some / 5, acc_1: (2 * some) / 5 };
  assert.deepEqual(await run(some), expected);
  const bytes = await bare.memory();
  for (let rounds = 0; rounds < ROUNDS; rounds += some) {
    assert.deepEqual(await run(some), expected);
    assert.equal(await bare.memory(), bytes, `after ${rounds + some} rounds`);
  }
  assert.deepEqual(await bare.remains(), before);
});

for (const address of ["/?ticket=hunter2#token=hunter3", "/?next=\\hunter1&t=1#name=O'Brien&token=hunter2", "/#access_token=a'b&x=hunter"]) {
  guarantee(
    `the page's query string and fragment do not reach the widget: ${address}`,
    async (bare) => {
      await bare.begin("link", "mono.link()");
      const widget = await bare.widget();
      assert.doesNotMatch(await widget.evaluate(() => document.referrer), /hunter/);
      assert.equal(new URL(widget.url()).searchParams.get("referrer"), `${stage.proxy.url}/`);
      assert.ok(bare.askedOfWidget.length > 0);
      assert.deepEqual(bare.askedOfWidget.filter((text) => /hunter/.test(text)), []);
    },
    { address },
  );
}

guarantee(
  "the host of the widget's script is not told the page's query, not even by a page that tells it to everybody",
  async (bare, version) => {
    await bare.page.evaluate(() => document.head.append(Object.assign(document.createElement("meta"), { name: "referrer", content: "unsafe-url" })));
    let headers;
    await bare.page.route(SCRIPT, async (route) => {
      headers = await route.request().allHeaders();
      await route.fulfill({ contentType: "text/javascript", path: connectFile(version) });
    });
    await bare.link();
    assert.equal(headers.referer, `${stage.proxy.url}/`);
    assert.deepEqual(bare.askedOfWidget.filter((text) => /hunter/.test(text)), []);
  },
  { withConnect: false, address: "/?ticket=hunter2" },
);

guarantee(
  "a script that fails to load is a typed error and can be tried again",
  async (bare, version) => {
    const before = await bare.remains();
    await bare.page.route(SCRIPT, (route) => route.abort());
    for (const name of ["first", "second"]) {
      await bare.begin(name, "mono.link()");
      const { error } = await bare.outcome(name);
      assert.equal(error.code, "widget_load_failed");
      assert.equal(error.kind, "MonoConnectError");
      assert.equal(error.retryable, true);
      assert.equal((await bare.remains()).elements, before.elements);
    }
    await bare.page.unroute(SCRIPT);
    let hanging;
    await bare.page.route(SCRIPT, (route) => (hanging = route));
    await bare.page.evaluate(() => (window.controller = new AbortController()));
    await bare.begin("hangs", "mono.link({ signal: controller.signal })");
    await eventually("the script hangs", () => hanging);
    assert.equal((await bare.remains()).elements, before.elements);
    await bare.page.evaluate(() => window.controller.abort());
    assert.equal(await bare.failure("hangs"), "aborted");
    await hanging.abort();
    await bare.page.unroute(SCRIPT);
    await bare.page.route(SCRIPT, (route) => route.fulfill({ contentType: "text/javascript", body: "window.other = 1" }));
    await bare.begin("without a class", "mono.link()");
    assert.equal(await bare.failure("without a class"), "widget_load_failed");
    await bare.page.unroute(SCRIPT);
    await bare.page.route(SCRIPT, (route) => route.fulfill({ contentType: "text/javascript", path: connectFile(version) }));
    await bare.link("third");
    assert.equal((await bare.remains()).elements, before.elements);
  },
  { withConnect: false },
);

guarantee(
  "a link can be aborted wherever it is",
  async (bare, version) => {
    const serveScript = (route) => route.fulfill({ contentType: "text/javascript", path: connectFile(version) });
    const elements = async () => (await bare.remains()).elements;
    const before = await elements();
    /** Holds calls that are no reads of the page's own; `reached` resolves to the first. */
    const hold = (pattern, method) => {
      const held = { release: () => bare.page.unroute(pattern) };
      held.reached = new Promise((resolve) => {
        void bare.page.route(pattern, (route) => (route.request().method() === method ? resolve(route) : route.continue()));
      });
      return held;
    };
    const abort = async (name) => {
      await bare.page.evaluate(() => window.controller.abort());
      const { error } = await bare.outcome(name);
      assert.deepEqual(error, { kind: "MonoConnectError", code: "aborted", message: error.message, retryable: false, cause: "AbortError" }, name);
    };
    const begin = async (name) => {
      await bare.page.evaluate(() => (window.controller = new AbortController()));
      await bare.begin(name, "mono.link({ signal: controller.signal })");
    };

    await bare.page.evaluate(() => (window.controller = new AbortController()).abort());
    await bare.begin("before it begins", "mono.link({ signal: controller.signal })");
    await abort("before it begins");

    const script = hold(SCRIPT, "GET");
    await begin("while the script loads");
    const loading = await script.reached;
    await abort("while the script loads");
    await serveScript(loading);
    await script.release();
    await bare.page.route(SCRIPT, serveScript);

    const session = hold("**/api/link-sessions", "POST");
    await begin("while the link session opens");
    await session.reached;
    await abort("while the link session opens");
    await session.release();
    await bare.page.waitForFunction(() => window.Connect);
    assert.equal(await elements(), before);

    await begin("while the widget waits to be shown");
    await bare.widget();
    await abort("while the widget waits to be shown");
    assert.equal(await elements(), before);

    await begin("while the widget is shown");
    await bare.page.locator("#mono-connect--frame-id").waitFor({ state: "visible" });
    await abort("while the widget is shown");
    assert.equal(await elements(), before);

    const exchange = hold("**/api/accounts", "POST");
    await begin("while the code is exchanged");
    const widget = await bare.widget();
    await bare.gives(widget, await bare.code(widget));
    await exchange.reached;
    await abort("while the code is exchanged");
    await exchange.release();
    assert.equal(await elements(), before);

    await bare.link("afterwards");
    assert.equal(await elements(), before);
  },
  { withConnect: false },
);
