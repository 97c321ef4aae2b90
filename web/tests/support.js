// What the tests need of a page: a proxy behind `fetch`, and a `Connect` with a real frame.

const calls = [];
let answers = {};

/** Answers every call of the proxy; a path that is not listed is 404 without a problem. */
export function proxy(routes) {
  calls.length = 0;
  answers = {
    "GET /api/config": {
      body: {
        public_key: "test_pk_1",
        environment: "test",
        api_generation: "v2",
        reauthorise: "account_id",
        widget: { script_url: "/no-script.js", origins: [location.origin] },
      },
    },
    "POST /api/session": { status: 204 },
    "POST /api/link-sessions": {
      status: 201,
      body: {
        reference: "ref_1",
        expires_at: new Date(Date.now() + 3_600_000).toISOString(),
        widget: { key: "test_pk_1", scope: "auth", reference: "ref_1", data: {} },
      },
    },
    "POST /api/accounts": { status: 201, body: { id: "acc_1", requires_reauth: false } },
    "GET /api/accounts/acc_1": { body: { id: "acc_1", requires_reauth: false } },
    "POST /api/accounts/acc_1/reauthorise": {
      status: 201,
      body: { method: "account_id", account_id: "acc_1", reference: "ref_2" },
    },
    ...routes,
  };
}

const fetchElsewhere = globalThis.fetch;

globalThis.fetch = async (request, ...rest) => {
  const url = new URL(request.url ?? request, location.href);
  if (!url.pathname.startsWith("/api/")) return fetchElsewhere(request, ...rest);
  const call = `${request.method} ${url.pathname}`;
  calls.push({
    call,
    query: url.search,
    body: await request.text(),
    marker: request.headers.get("x-mono-connect"),
    authorization: request.headers.get("authorization"),
    credentials: request.credentials,
  });
  if (call === "GET /api/events" && !answers[call]) return stream(request);
  const answer = answers[call] ?? { status: 404 };
  if (answer.fails) throw new TypeError("unreachable");
  if (answer.hangs) {
    return new Promise((_, reject) => {
      request.signal.addEventListener("abort", () => {
        calls.push({ call: `aborted ${call}` });
        reject(request.signal.reason);
      });
    });
  }
  const body = answer.body === undefined ? null : JSON.stringify(answer.body);
  return new Response(body, { status: answer.status ?? 200, headers: answer.headers });
};

/** The calls of the proxy so far. */
export function callLog() {
  return calls;
}

const framePage = URL.createObjectURL(
  new Blob(
    ["<script>onmessage = (event) => parent.postMessage(event.data, '*');</script>"],
    { type: "text/html" },
  ),
);

/** A frame that says to the page whatever it is told. */
function parrot() {
  const frame = document.createElement("iframe");
  frame.src = framePage;
  return frame;
}

/** Like connect.js: callbacks on the prototype, one frame, one listener for messages. */
export function connectClass(reauthoriseAddress) {
  function Connect({ onSuccess, onClose, onEvent, ...config }) {
    this.config = config;
    Object.assign(Connect.prototype, { onSuccess, onClose, onEvent });
  }
  Object.assign(Connect.prototype, {
    setup() {
      const style = document.createElement("style");
      document.head.append(style);
      this.frame = parrot();
      document.body.append(this.frame);
    },
    reauthorise(value) {
      this.frame = document.createElement("iframe");
      this.frame.src = reauthoriseAddress.replace("VALUE", value);
      Connect.reauthoriseAddress = this.frame.getAttribute("src");
      document.body.append(this.frame);
    },
    open() {
      const hear = ({ data }) => {
        if (data.type.endsWith("account_linked")) {
          this.onSuccess({ ...data.data });
          Connect.prototype.close();
        } else this.onEvent(data.type, data.data);
      };
      Connect.prototype.hear = hear.bind(this);
      window.addEventListener("message", this.hear);
    },
    close() {
      window.removeEventListener("message", this.hear);
      this.onClose();
    },
  });
  return Connect;
}

function widgetFrame() {
  return document.querySelector("iframe:not(.stranger)");
}

/** Waits for the widget's frame and lets it say something. */
export async function widgetSays(message) {
  await until(() => widgetFrame()?.contentWindow?.length === 0 && isLoaded(widgetFrame()));
  widgetFrame().contentWindow.postMessage(message, "*");
}

function isLoaded(frame) {
  return frame.contentDocument?.URL.startsWith("blob:") && frame.contentDocument.readyState === "complete";
}

/** Lets the page itself, a made-up event and another frame say something; waits until all did. */
export async function othersSay(message) {
  const stranger = parrot();
  stranger.className = "stranger";
  const loaded = new Promise((resolve) => (stranger.onload = resolve));
  document.body.append(stranger);
  await loaded;
  const source = widgetFrame()?.contentWindow;
  dispatchEvent(new MessageEvent("message", { data: message, origin: location.origin, source }));
  const heard = heardMessages(2);
  postMessage(message, "*");
  stranger.contentWindow.postMessage(message, "*");
  await heard;
  stranger.remove();
}

function heardMessages(count) {
  return new Promise((resolve) => {
    const hear = () => {
      count -= 1;
      if (count > 0) return;
      removeEventListener("message", hear);
      resolve();
    };
    addEventListener("message", hear);
  });
}

/** Waits until the widget's frame is in the page. */
export async function frameBuilt() {
  await until(widgetFrame);
}

/** Waits for a condition, a frame at a time. */
async function until(condition) {
  while (!condition()) await new Promise(requestAnimationFrame);
}

/** Waits until the proxy got this call. */
export async function called(call) {
  await until(() => calls.some((entry) => entry.call === call));
}

/** What is in the page that a widget could have put there. */
export function leftovers() {
  return document.querySelectorAll("iframe, style").length;
}

/** Settles as an object that can be asked, whichever way the promise goes. */
export async function settled(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

export function scriptAddress(text) {
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

export function scripts() {
  return document.querySelectorAll("script[src^='blob:'], script[src='/no-script.js']").length;
}

/** A page's `token`, which gives another one each time: `jwt1`, `jwt2`, … */
export function tokenFunction() {
  let given = 0;
  return async () => `jwt${(given += 1)}`;
}

const streams = [];

/** An open answer of `GET /api/events`, which says what it is told. */
function stream(request) {
  const opened = { call: request.url, credentials: request.credentials, isOpen: true };
  for (const name of ["authorization", "last-event-id"]) opened[name] = request.headers.get(name);
  const body = new ReadableStream({
    start(controller) {
      opened.say = (text) => opened.isOpen && controller.enqueue(new TextEncoder().encode(text));
      opened.end = () => {
        opened.isOpen = false;
        controller.close();
      };
      request.signal.addEventListener("abort", () => {
        if (opened.isOpen) controller.error(request.signal.reason);
        opened.isOpen = false;
      });
    },
  });
  streams.push(opened);
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** The stream that was opened last. */
export function lastStream() {
  return streams.at(-1);
}

/** How many streams are open. */
export function openStreams() {
  return streams.filter(({ isOpen }) => isOpen).length;
}

/** Lets a stream say something, as it stands or letter by letter. */
export function streamSays(stream, text) {
  stream.say(text);
}

/** The proxy, or something between, ends a stream. */
export function streamEnds(stream) {
  stream.end();
}

/** Waits for another stream than this. */
export async function streamAfter(stream) {
  await until(() => lastStream() !== stream);
}

/** Waits until a listener has heard so many events. */
export async function heardSoMany(heard, count) {
  await until(() => heard.length >= count);
}

/** All that an iterator gives, and how it ends; leaves after `most` rows. */
export async function collected(rows, most) {
  const ids = [];
  try {
    for await (const row of rows) {
      ids.push(row.id);
      if (ids.length === most) break;
    }
    return { ids };
  } catch (error) {
    return { ids, error };
  }
}

/** Answers one path with one answer after the other; the last stays. */
export function inTurn(call, bodies) {
  let turn = 0;
  Object.defineProperty(answers, call, {
    configurable: true,
    get: () => bodies[Math.min(turn++, bodies.length - 1)],
  });
}

/** A listener that fails at every event of the type `removed`. */
export function failingListener(heard) {
  return (event) => {
    heard.push(event);
    if (event.type === "removed") throw new Error("the page's own");
  };
}

/** Waits for the page to hear of an error that nobody caught. */
export function unhandled() {
  return new Promise((resolve) => {
    addEventListener(
      "unhandledrejection",
      (event) => {
        event.preventDefault();
        resolve(event.reason);
      },
      { once: true },
    );
  });
}

/** Waits until all that was due has run. */
export function settledAll() {
  return new Promise((resolve) => setTimeout(resolve));
}
