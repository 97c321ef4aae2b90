// What the package promises with a `Connect` that does what Mono's does not: builds late, from markup, and leaves things.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BarePage, siteFolder, STRANGER } from "./guarantees-page.mjs";
import { eventually, Stage } from "./harness.mjs";

const site = siteFolder();
let stage;

before(async () => {
  stage = await Stage.start({ env: { STATIC_DIR: site.path, RATE_LIMIT: "100000", MONO_WIDGET_ORIGINS: undefined, MONO_REAUTH: "account_id" } });
});

after(async () => {
  await stage?.stop();
  site.remove();
});

/** Runs in the page: classes by name, and what they have noted. */
function classes() {
  window.noted = [];
  const note = (...words) => window.noted.push(words.join(" "));
  const address = (query = {}) => {
    const url = new URL("https://connect.mono.co/");
    for (const [name, value] of Object.entries({ from: location.href, ...query })) url.searchParams.set(name, value);
    return url.href;
  };
  const markup = (query) => `<div class="box"><iframe id="mono-connect--frame-id" src="${address(query).replaceAll("&", "&amp;")}"></iframe><style>.box { color: red }</style></div>`;

  /** What all of them have in common: messages become callbacks. */
  class Base {
    constructor(config) {
      this.config = config;
      window.lastConnect = this;
    }
    setup() {
      const frame = document.createElement("iframe");
      frame.id = "mono-connect--frame-id";
      frame.src = address({ reference: this.config.reference });
      document.body.append(frame);
    }
    open() {
      addEventListener("message", this.hear);
    }
    hear = ({ data }) => {
      note("heard", data.type);
      if (data.type === "mono.connect.widget.account_linked") this.config.onSuccess(data.data);
      else this.config.onEvent(data.type, data.data);
    };
    close() {
      this.config.onClose();
    }
  }

  /** A query of the link session's, as every class here puts it. */
  const sessionOf = ({ config }) => ({ reference: config.reference });
  const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  window.classes = {
    Markup: class extends Base {
      setup() {
        document.body.insertAdjacentHTML("beforeend", markup(sessionOf(this)));
      }
    },
    InnerMarkup: class extends Base {
      setup() {
        const box = document.createElementNS("http://www.w3.org/1999/xhtml", "section");
        document.body.append(box);
        box.innerHTML = markup(sessionOf(this));
      }
    },
    Shadowed: class extends Base {
      setup() {
        const host = document.createElement("section");
        document.body.append(host);
        host.attachShadow({ mode: "open" }).innerHTML = markup(sessionOf(this));
      }
    },
    Cloned: class extends Base {
      setup() {
        const template = document.createElement("template");
        template.innerHTML = markup(sessionOf(this));
        document.body.append(template.content.cloneNode(true));
      }
    },
    Scheduled: class extends Base {
      setup() {
        setTimeout(
          (word, other) => {
            note("arguments", word, other);
            document.body.insertAdjacentHTML("beforeend", markup(sessionOf(this)));
          },
          5,
          "one",
          "two",
        );
      }
    },
    Promised: class extends Base {
      setup() {
        Promise.resolve()
          .then(() => 1)
          .then(() => document.body.insertAdjacentHTML("beforeend", markup(sessionOf(this))));
      }
    },
    Awaited: class extends Base {
      async setup() {
        await sleep(5);
        const frame = document.createElement("iframe");
        frame.id = "mono-connect--frame-id";
        frame.src = address(sessionOf(this)).replace(/\?from=[^&]*&/, "?");
        document.body.append(frame);
      }
    },
    Littering: class extends Base {
      setup() {
        super.setup();
        document.head.append(Object.assign(document.createElement("style"), { textContent: "p { color: red }" }));
        document.body.append("some text");
        document.body.style.overflow = "hidden";
        document.documentElement.classList.add("has-widget");
      }
      open() {
        super.open();
        for (const target of [window, document, document.body]) target.addEventListener("keydown", () => note("key"), true);
        const frame = document.querySelector("#mono-connect--frame-id");
        frame.onload = () => {
          addEventListener("message", this.hear);
          addEventListener("scroll", () => {});
          document.body.append(document.createElement("hr"));
        };
        setInterval(() => note("tick"), 1);
        requestAnimationFrame(() => document.body.append(document.createElement("hr")));
        onmessage = ({ data }) => note("on", data.type);
      }
    },
    Deduplicated: class extends Base {
      open() {
        super.open();
        super.open();
        const once = ({ data }) => note("once", data.type);
        addEventListener("message", once, { once: true });
        const never = () => note("never");
        addEventListener("message", never);
        removeEventListener("message", never);
      }
    },
    Stopping: class extends Base {
      hear = (event) => {
        event.stopImmediatePropagation();
        note("heard", event.data.type);
      };
    },
    Two: class extends Base {
      setup() {
        super.setup();
        const second = document.createElement("iframe");
        second.name = "second";
        second.src = "https://connect.mono.co/second";
        document.body.append(second);
      }
    },
    /** Waits with the page's timers, and litters. */
    Slow: class extends Base {
      async setup() {
        setInterval(() => note("tick"), 10);
        await new Promise((resolve) => setTimeout(() => {
          document.body.style.overflow = "hidden";
          document.body.append(document.createElement("hr"));
          addEventListener("scroll", () => {});
          resolve();
        }, 300));
        super.setup();
        note("built");
      }
    },
    /** Begins to listen when the page says so, with two listeners. */
    LateListener: class extends Base {
      open() {
        const look = setInterval(() => {
          if (!window.mayListen) return;
          clearInterval(look);
          super.open();
          addEventListener("message", ({ data }) => note("also", data.type));
        }, 5);
      }
    },
    /** Can only be opened once it is built. */
    Needy: class extends Base {
      async setup() {
        await sleep(20);
        super.setup();
        this.frame = document.querySelector("#mono-connect--frame-id");
      }
      async open() {
        await 1;
        note("opened", this.frame.id);
        super.open();
      }
    },
    FailingEarly: class extends Base {
      async setup() {
        await sleep(5);
        throw new Error("early");
      }
      open() {
        note("opened");
      }
    },
    /** Waits for what no page can hurry or stop. */
    Fetching: class extends Base {
      async setup() {
        const release = new Promise((resolve) => (window.releases = [...(window.releases ?? []), resolve]));
        await (async () => await release)();
        super.setup();
        note("built");
      }
    },
    /** Never comes to an end. */
    Endless: class extends Base {
      setup() {
        return new Promise(() => {});
      }
    },
    /** Hears in its own way, and the page does not know of it. */
    Unwatched: class extends Base {
      async open() {
        await (await fetch("/")).text();
        window.addEventListener("message", this.hear);
      }
      close() {
        window.removeEventListener("message", this.hear);
        super.close();
      }
    },
    /** Its one listener is older than any instance. */
    Early: class extends Base {
      static {
        window.addEventListener("message", (event) => {
          if (event.data?.type?.startsWith("mono.") && window.lastConnect instanceof window.classes.Early) window.lastConnect.hear(event);
        });
      }
      open() {
        this.config.onEvent("OPENED", {});
      }
    },
    Failing: class extends Base {
      async open() {
        await sleep(5);
        throw new Error("later");
      }
    },
    Speaking: class extends Base {
      open() {
        super.open();
        const said = Object.assign(new Event("message"), { data: { type: "mono.connect.widget_opened" } });
        dispatchEvent(said);
      }
    },
    /** Nothing of it can be seen from outside. */
    Silent: class extends Base {
      setup() {}
      reauthorise = (id) => note("given", id);
    },
    Blank: class extends Base {
      reauthorise(id) {
        super.setup();
        const frame = document.querySelector("#mono-connect--frame-id");
        frame.src = "about:blank";
        frame.src = address({ login: id });
      }
    },
    MistakenLater: class extends Base {
      reauthorise(id) {
        super.setup();
        document.querySelector("#mono-connect--frame-id").src = address({ [["reauth", "token"].join("_")]: id });
      }
    },
  };
}

/** Declares a test with a page and an instance over one of the classes. */
function withClass(name, title, body, { address = "/" } = {}) {
  test(`${name}: ${title}`, { timeout: 60_000 }, async () => {
    const bare = await BarePage.open(stage, { withConnect: false, address });
    try {
      await bare.page.evaluate(classes);
      await bare.page.evaluate((it) => (window.Connect = window.classes[it]), name);
      await bare.create();
      await body(bare);
      assert.deepEqual(bare.troubles, [], "nothing was thrown at the page");
    } catch (error) {
      throw new Error(`${error.message}\n--- browser\n${bare.troubles.join("\n")}\n${stage.logs()}`, { cause: error });
    } finally {
      await bare.close();
    }
  });
}

const noted = (bare) => bare.page.evaluate(() => window.noted);
const selected = "{ type: 'mono.connect.institution_selected' }";

for (const name of ["Markup", "InnerMarkup", "Shadowed", "Cloned", "Scheduled", "Promised", "Awaited"]) {
  withClass(name, "its frame is believed, is not told the page's query, and goes with the widget", async (bare) => {
    const before = await bare.remains();
    const account = await bare.link();
    assert.match(account.id, /^\w+$/);
    assert.deepEqual(await bare.remains(), before);
    assert.ok(bare.askedOfWidget.length > 0);
    assert.deepEqual(bare.askedOfWidget.filter((text) => /hunter/.test(text)), []);
    if (name === "Scheduled") assert.ok((await noted(bare)).includes("arguments one two"));

    await bare.begin("closed", "mono.link()");
    await bare.widget();
    await bare.page.evaluate(() => window.mono.close());
    assert.equal(await bare.failure("closed"), "dismissed");
    assert.deepEqual(await bare.remains(), before);
  }, { address: "/?ticket=hunter2#token=hunter3" });
}

withClass("Awaited", "closed while it still builds, it builds in vain", async (bare) => {
  const before = await bare.remains();
  await bare.page.clock.install();
  await bare.begin("link", "mono.link()");
  await eventually("the class is made", () => bare.page.evaluate(() => window.lastConnect));
  await bare.page.evaluate(() => window.mono.close());
  assert.equal(await bare.failure("link"), "dismissed");
  await bare.page.clock.fastForward(100);
  assert.deepEqual((await bare.remains()).elements, before.elements);
});

withClass("LateListener", "what comes before it listens waits for it, in its order", async (bare) => {
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  await bare.says(widget, selected);
  await bare.gives(widget, await bare.code(widget));
  assert.deepEqual(await noted(bare), []);
  await bare.page.evaluate(() => (window.mayListen = true));
  assert.ok((await bare.outcome("link")).value.id);
  const types = ["mono.connect.institution_selected", "mono.connect.widget.account_linked"];
  assert.deepEqual(await noted(bare), types.flatMap((type) => [`heard ${type}`, `also ${type}`]));
});

withClass("Needy", "it is opened once it is built", async (bare) => {
  for (const prepared of [false, true]) {
    if (prepared) await bare.page.evaluate(() => window.mono.setup());
    await bare.begin("link", "mono.link()");
    const widget = await bare.widget();
    await eventually("it hears", async () => {
      await bare.says(widget, selected);
      return (await noted(bare)).some((word) => word.startsWith("heard"));
    });
    assert.equal((await noted(bare)).filter((word) => word.startsWith("opened")).join(), "opened mono-connect--frame-id");
    await bare.gives(widget, await bare.code(widget));
    assert.ok((await bare.outcome("link")).value.id);
    await bare.page.evaluate(() => (window.noted.length = 0));
  }
});

withClass("FailingEarly", "what fails while it is built ends the call, and it is not opened", async (bare) => {
  await bare.begin("link", "mono.link()");
  assert.equal(await bare.failure("link"), "widget_error");
  assert.deepEqual(await noted(bare), []);
});

withClass("Slow", "closed early, it builds in vain, and soon touches nothing any more", async (bare) => {
  const look = () => bare.page.evaluate(() => document.documentElement.outerHTML);
  const [html, before] = [await look(), await bare.remains()];
  for (const next of ["after it has ended", "while it still runs"]) {
    await bare.page.evaluate(() => (window.lastConnect = null));
    await bare.begin("link", "mono.link()");
    await eventually("the class is made", () => bare.page.evaluate(() => window.lastConnect));
    await bare.page.evaluate(() => {
      window.mono.close();
      window.noted.length = 0;
    });
    assert.equal(await bare.failure("link"), "dismissed");
    if (next === "after it has ended") {
      await eventually("it has ended", async () => (await noted(bare)).includes("built"));
      assert.deepEqual(await noted(bare), ["built"]);
      assert.equal(await look(), html);
      assert.deepEqual(await bare.remains(), before);
      const isLeft = await bare.page.evaluate(async () => {
        const own = Object.assign(document.createElement("iframe"), { src: "https://connect.mono.co/own" });
        document.body.append(own);
        await new Promise((resolve) => (own.onload = resolve));
        const { isConnected } = own;
        own.remove();
        return isConnected;
      });
      assert.ok(isLeft, "a frame of the page's own stays");
    }
    await bare.link("next");
    assert.equal(await look(), html);
    assert.deepEqual(await bare.remains(), before);
  }
});

withClass("Fetching", "closed early, it takes no frame of the next one's, nor gives it one", async (bare) => {
  const before = await bare.remains();
  for (const order of [[0, 1], [1, 0]]) {
    await bare.page.evaluate(() => ((window.releases = []), (window.noted.length = 0)));
    await bare.begin("first", "mono.link()");
    await eventually("the first waits", () => bare.page.evaluate(() => window.releases.length === 1));
    await bare.page.evaluate(() => window.mono.close());
    assert.equal(await bare.failure("first"), "dismissed");
    await bare.begin("second", "mono.link()");
    await eventually("the second waits", () => bare.page.evaluate(() => window.releases.length === 2));
    for (const [built, at] of order.entries()) {
      await bare.page.evaluate((it) => window.releases[it](), at);
      await eventually("it builds", async () => (await noted(bare)).length > built);
    }
    const widget = await bare.widget();
    assert.equal(await bare.page.locator("iframe").count(), 1);
    await bare.gives(widget, await bare.code(widget));
    assert.ok((await bare.outcome("second")).value.id);
    assert.deepEqual(await bare.remains(), before);
  }
});

withClass("Endless", "a frame of the page's own stays some time after its end", async (bare) => {
  await bare.page.clock.install();
  await bare.page.evaluate(() => window.mono.setup());
  await bare.page.evaluate(() => window.mono.close());
  await bare.page.clock.fastForward(15_000);
  const isLeft = await bare.page.evaluate(async () => {
    const own = Object.assign(document.createElement("iframe"), { src: "https://connect.mono.co/own" });
    document.body.append(own);
    await new Promise((resolve) => (own.onload = resolve));
    return own.isConnected;
  });
  assert.ok(isLeft);
});

withClass("Littering", "no listener, element, text, style, class or timer of its remains", async (bare) => {
  const look = () => bare.page.evaluate(() => [document.documentElement.outerHTML, window.onmessage]);
  const [html, before] = [await look(), await bare.remains()];
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  assert.equal(await bare.page.evaluate(() => document.body.style.overflow), "hidden");
  await bare.page.waitForSelector("hr", { state: "attached" });
  await bare.says(widget, selected);
  await bare.page.keyboard.press("a");
  await bare.page.evaluate(() => window.mono.close());
  assert.equal(await bare.failure("link"), "dismissed");
  assert.deepEqual(await bare.remains(), before);
  assert.deepEqual(await look(), html);

  const heard = await noted(bare);
  assert.ok(heard.includes("on mono.connect.institution_selected"), heard.join());
  assert.ok(heard.includes("tick"));
  assert.equal(heard.filter((word) => word === "key").length, 3);
  await bare.page.evaluate(() => (window.noted.length = 0));
  await bare.page.keyboard.press("a");
  await bare.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)));
  assert.deepEqual(await noted(bare), []);
});

withClass("Littering", "what the page itself adds meanwhile stays, and what it says is not believed", async (bare) => {
  await bare.begin("link", "mono.link()");
  await bare.widget();
  await bare.page.evaluate(() => {
    window.pressed = 0;
    document.body.append(Object.assign(document.createElement("p"), { id: "own" }));
    window.addEventListener("keydown", () => (window.pressed += 1));
    document.body.classList.add("own");
    window.postMessage({ type: "mono.connect.widget.account_linked", data: { code: "forged" } }, "*");
    window.dispatchEvent(Object.assign(new Event("message"), { data: { type: "mono.connect.widget_opened" } }));
  });
  await bare.page.evaluate(() => window.mono.close());
  assert.equal(await bare.failure("link"), "dismissed");
  await bare.page.keyboard.press("a");
  assert.deepEqual(await bare.page.evaluate(() => [document.querySelectorAll("#own").length, window.pressed, document.body.className]), [1, 1, "own"]);
  assert.deepEqual(bare.exchanges, []);
  assert.ok(!(await noted(bare)).some((word) => /opened|linked/.test(word)));
});

withClass("Deduplicated", "a listener hears a message once, as long as it listens", async (bare) => {
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  await bare.says(widget, selected);
  await bare.says(widget, selected);
  const type = "mono.connect.institution_selected";
  assert.deepEqual(await noted(bare), [`heard ${type}`, `once ${type}`, `heard ${type}`]);
});

withClass("Stopping", "the page's own listeners get what the widget would keep from them", async (bare) => {
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  await bare.page.evaluate(() => {
    window.got = 0;
    window.addEventListener("message", () => (window.got += 1));
  });
  await bare.says(widget, selected);
  assert.deepEqual(await noted(bare), ["heard mono.connect.institution_selected"]);
  assert.equal(await bare.page.evaluate(() => window.got), 1);
});

withClass("Two", "each of its frames is believed, and none of the page's", async (bare) => {
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  await eventually("the second frame", () => bare.page.frame({ name: "second" })?.url().includes("/second"));
  await bare.says(bare.page.frame({ name: "second" }), selected);
  assert.equal((await noted(bare)).length, 1);
  await bare.page.evaluate((address) => {
    const frame = Object.assign(document.createElement("iframe"), { name: "third", src: address });
    document.body.append(frame);
    return new Promise((resolve) => (frame.onload = resolve));
  }, "https://connect.mono.co/advertisement");
  await bare.says(bare.page.frame({ name: "third" }), selected);
  assert.equal((await noted(bare)).length, 1);
  await bare.gives(widget, await bare.code(widget));
  assert.ok((await bare.outcome("link")).value.id);
});

for (const name of ["Littering", "Markup", "Awaited"]) {
  withClass(name, "who removes its frame closes it, and who moves it does not", async (bare) => {
    for (const [remove, ends] of [
      ["document.body.replaceChildren()", "dismissed"],
      ["document.querySelector('#mono-connect--frame-id').parentNode.replaceChildren()", "dismissed"],
      ["document.querySelector('#mono-connect--frame-id').remove()", "widget_error"],
    ]) {
      await bare.begin("link", "mono.link()");
      const widget = await bare.widget();
      await bare.page.evaluate(() => {
        const frame = document.querySelector("#mono-connect--frame-id");
        document.body.append(frame.parentNode === document.body ? frame : frame.parentNode);
        document.body.append(Object.assign(document.createElement("iframe"), { className: "own" }));
        document.querySelector(".own").remove();
      });
      assert.equal(await bare.isPending("link"), true);
      if (ends === "widget_error") {
        const moved = widget.isDetached() ? await bare.widget() : widget;
        await bare.says(moved, "{ type: 'mono.connect.error_occured' }");
        await bare.page.evaluate(() => window.lastConnect.config.onEvent("ERROR", {}));
      }
      await bare.page.evaluate(remove);
      assert.equal(await bare.failure("link"), ends);
    }
    await bare.link("again");
  });
}

withClass("Failing", "what fails in it later ends the call", async (bare) => {
  await bare.begin("link", "mono.link()");
  assert.equal(await bare.failure("link"), "widget_error");
});

withClass("Speaking", "it may say that it is open, and the page hears it with its own functions", async (bare) => {
  await bare.page.evaluate(() => {
    window.addEventListener("message", () => {
      window.addEventListener("pagehide", () => {});
      document.body.append(document.createElement("article"));
    });
  });
  await bare.begin("link", "mono.link()");
  await bare.widget();
  await bare.page.evaluate(() => window.mono.close());
  await bare.failure("link");
  assert.deepEqual(await noted(bare), ["heard mono.connect.widget_opened"]);
  assert.equal(await bare.page.locator("article").count(), 1);
  assert.ok((await bare.remains()).listeners.includes("pagehide"));
});

withClass("Markup", "a stranger in the widget's frame is not believed", async (bare) => {
  await bare.begin("link", "mono.link()");
  const widget = await bare.widget();
  await widget.goto(STRANGER);
  await bare.gives(widget, "stolen");
  assert.equal(await bare.isPending("link"), true);
  assert.deepEqual(bare.exchanges, []);
});

withClass("Markup", "an event that comes after the end does not reach the page", async (bare) => {
  await bare.link();
  const before = await bare.heard();
  await bare.page.evaluate(() => window.lastConnect.config.onEvent("LATE", {}));
  assert.deepEqual(await bare.heard(), before);
});

withClass("Silent", "freeing the instance ends what asks whether the account is well, and no exchange", async (bare) => {
  await bare.page.evaluate(() => {
    const { fetch } = window;
    window.fetch = async (request) => {
      const ill = { method: "account_id", account_id: "acc_1", reference: "mcl_1", id: "acc_1", requires_reauth: true };
      if (/\/api\/accounts$/.test(request.url)) return new Promise((resolve) => (window.exchanged = () => resolve(Response.json({ id: "acc_2" }))));
      return request.url.includes("/accounts/") ? Response.json(ill) : fetch(request);
    };
  });
  await bare.begin("login", "mono.reauthorise('acc_1')");
  await eventually("it is given the id", async () => (await noted(bare)).includes("given acc_1"));
  await bare.page.evaluate(() => window.lastConnect.config.onSuccess({ code: "x" }));
  assert.equal(await bare.isPending("login"), true);
  await bare.page.evaluate(() => window.mono.free());
  assert.equal(await bare.failure("login"), "aborted");

  await bare.create();
  await bare.page.evaluate(() => (window.lastConnect = null));
  await bare.begin("link", "mono.link()");
  await eventually("the class is made", () => bare.page.evaluate(() => window.lastConnect));
  await bare.page.evaluate(() => window.lastConnect.config.onSuccess({ code: "x" }));
  await eventually("the code is exchanged", () => bare.page.evaluate(() => typeof window.exchanged === "function"));
  await bare.page.evaluate(() => window.mono.free());
  await bare.page.evaluate(() => window.exchanged());
  assert.equal((await bare.outcome("link")).value.id, "acc_2");
});

for (const name of ["Unwatched", "Early"]) {
  withClass(name, "a listener that it adds by itself tells nothing that others say", async (bare) => {
    // The page opens it at a word of another's, and what it says while it opens is its own.
    await bare.page.evaluate(() => {
      addEventListener("message", ({ data }) => data.open && begin("link", () => window.mono.link()));
      return window.mono.setup();
    });
    await bare.page.evaluate(() => window.postMessage({ type: "shop.open", open: true }, "*"));
    const widget = await bare.widget();
    const told = name === "Early" ? ["OPENED"] : [];
    await eventually("it hears", async () => {
      await bare.says(widget, selected);
      return (await bare.heard()).length > told.length;
    });
    const [heard, forged] = [await bare.heard(), "{ type: 'mono.connect.widget.account_linked', data: { code: 'forged' } }"];
    assert.deepEqual(heard.slice(0, told.length), told);
    await bare.says(bare.page, forged, "window");
    await bare.page.evaluate(`dispatchEvent(new MessageEvent("message", { data: ${forged}, origin: "https://connect.mono.co" }))`);
    await widget.goto(STRANGER);
    await bare.says(widget, forged);
    assert.deepEqual(await bare.heard(), heard);
    assert.equal(await bare.isPending("link"), true);
    assert.deepEqual(bare.exchanges, []);
    await bare.page.evaluate(() => window.mono.close());
    assert.equal(await bare.failure("link"), "dismissed");
  });

  withClass(name, "what its own frame says is believed", async (bare) => {
    await bare.begin("link", "mono.link()");
    const widget = await bare.widget();
    await eventually("it hears", async () => {
      await bare.says(widget, selected);
      return (await bare.heard()).includes("mono.connect.institution_selected");
    });
    await bare.gives(widget, await bare.code(widget));
    assert.ok((await bare.outcome("link")).value.id);
  });
}

for (const [name, expected] of [
  ["Silent", null],
  ["Blank", null],
  ["MistakenLater", "reauthorise_unsupported"],
]) {
  withClass(name, `an account id is ${expected ? "refused" : "handed over"}`, async (bare) => {
    await bare.page.evaluate(async (id) => {
      // The account is another's here; the proxy is not what is tested.
      const { fetch } = window;
      window.fetch = async (request) => {
        if (request.url.endsWith("/reauthorise")) return Response.json({ method: "account_id", account_id: id, reference: "mcl_1" });
        return request.url.endsWith(`/accounts/${id}`) ? Response.json({ id, requires_reauth: false }) : fetch(request);
      };
    }, "acc_1");
    await bare.begin("login", "mono.reauthorise('acc_1')");
    if (expected) {
      assert.equal(await bare.failure("login"), expected);
      assert.deepEqual(bare.askedOfWidget.filter((text) => /acc_1/.test(text)), []);
      return;
    }
    await eventually("the class is made", () => bare.page.evaluate(() => window.lastConnect));
    if (name === "Silent") await eventually("it is given the id", async () => (await noted(bare)).includes("given acc_1"));
    else await eventually("the frame has its address", () => bare.askedOfWidget.some((text) => text.includes("login=acc_1")));
    await bare.page.evaluate(() => window.lastConnect.config.onSuccess({ code: "x" }));
    assert.equal((await bare.outcome("login")).value.id, "acc_1");
  });
}
