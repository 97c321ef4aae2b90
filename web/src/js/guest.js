// The widget's code as a guest of the page: what it adds, hears and schedules goes through here.
//
// Its code runs inside `enter`, where the functions that it would use to reach the page are ours. It never knows, and
// the page's own code never runs in there. JavaScript, because it is about `this`, rest arguments and descriptors;
// what is let through is decided in Rust, by `admits` and `address`.

import { Listeners, invoke, kindOf, report } from "./listeners.js";
import { Looks } from "./looks.js";
import { Markup, framesIn } from "./markup.js";
import { Patches, Prototypes, owner } from "./patch.js";
import { CLOCKS, Timers } from "./timers.js";

/** Messages that may wait until the widget's code listens. */
const INBOX = 32;

/** How long, in milliseconds, what still runs after its end is waited for. */
const LINGER = 10_000;

/** The one whose widget may come. */
let present = null;

const TREE = { childList: true, subtree: true };
const LOOKS = { attributes: true, attributeFilter: ["class", "style"], attributeOldValue: true };

export class Guest {
  #connect;
  #origins;
  #admits;
  #ended;
  #instance = null;
  /** Stands in the address of its frame. */
  #reference;
  #over = false;
  #markup;
  #prototypes;
  #listeners = new Listeners((callback) => this.#ours(callback));
  /** While the widget's code runs. */
  #patches = null;
  #depth = 0;
  /** Methods of the widget's that have returned a promise, and still run; and what the last has come to. */
  #running = 0;
  #built;
  /** The event that the widget's code dispatches right now. */
  #said = null;
  /** What the page heard when we called the widget's code last. */
  #under;
  #elements = new Set();
  #timers = new Timers();
  #inbox = [];
  #isDelivering = false;
  #later = [];
  #looks = new Looks();
  #watcher = new MutationObserver((records) => this.#passBy(records));

  /**
   * `admits(kind, origin, from)` says whether a message may reach the widget's code, `from` being "frame", "code" or
   * "". `address(text)` gives the address that a frame may have in the place of `text`, or none. `ended(error, isGone)`
   * is told what fails after a method has returned, or that the page has removed the widget.
   */
  constructor(connect, origins, nonce, admits, address, ended) {
    this.#connect = connect;
    this.#origins = origins;
    this.#admits = admits;
    this.#ended = ended;
    this.#markup = new Markup(nonce, address);
    this.#prototypes = new Prototypes(connect);
    this.#watcher.observe(document, TREE);
    for (const element of [document.documentElement, document.body]) {
      if (element) this.#watcher.observe(element, LOOKS);
    }
    window.addEventListener("message", this.#hear);
    present = this;
  }

  /** Makes the instance. */
  construct(config, onEvent) {
    const note = config.onEvent;
    config.onEvent = (name, data) => {
      note(name, data);
      if (onEvent) this.#tellPage(() => onEvent(name, data));
    };
    for (const key of ["onSuccess", "onClose", "onEvent"]) {
      const tell = config[key];
      config[key] = (...given) => {
        if (this.#isTold()) tell(...given);
      };
    }
    this.#reference = config.reference;
    this.#under = window.event;
    const instance = this.enter(() => Reflect.construct(this.#connect, [config]));
    this.#prototypes.copyTo(instance);
    this.#instance = instance;
  }

  /** Calls a method of the instance. */
  call(method, ...given) {
    const instance = this.#instance;
    if (!instance) return;
    this.#under = window.event;
    const result = this.enter(() => instance[method](...given));
    if (typeof result?.then !== "function") return;
    this.#running += 1;
    this.#built = Promise.resolve(result).finally(() => {
      this.#running -= 1;
      this.#settle();
    });
    this.#built.catch(this.#fail);
  }

  /** What fails after its method has returned. */
  #fail = (error) => void this.#ended?.(error);

  /** Shows what was built: at once, or as soon as it is. */
  open() {
    if (!this.#built) this.call("open");
    else this.#built.then(() => this.call("open")).catch(this.#fail);
  }

  /** Whether what was built is still in the page. */
  isThere() {
    const frames = this.#frames();
    return frames.length === 0 || frames.some((frame) => frame.isConnected);
  }

  /** Removes everything that the widget's code put into the page. */
  leave(isClosed) {
    this.#over = true;
    if (present === this) present = null;
    window.removeEventListener("message", this.#hear);
    // What runs on may wait for what comes once.
    this.#timers.end(this.#isDone);
    try {
      if (!isClosed) this.call("close");
    } catch {
      // For instance when the page has removed its elements: they go anyway.
    }
    this.#timers.end(this.#isDone);
    for (const frame of this.#frames()) frame.onload = null;
    for (const element of this.#elements) element.remove?.();
    this.#listeners.clear();
    this.#restoreLooks();
    // Without these, what JavaScript holds of us and what we hold of it would keep each other.
    this.#instance = this.#admits = this.#ended = this.#under = null;
    this.#markup.end();
    this.#prototypes.clear();
    this.#inbox = [];
    this.#later = [];
    this.#settle();
    if (this.#running > 0) {
      setTimeout(() => {
        this.#running = 0;
        this.#settle();
      }, LINGER);
    }
  }

  #restoreLooks() {
    this.#looks.restore((...given) => this.#markup.set(...given));
  }

  /** Whether none of the widget's code is to run any more. Until its end, what is begun runs on, in vain. */
  get #isDone() {
    return this.#over && this.#running <= 0;
  }

  /** Stops watching, once none of the widget's code can run any more. */
  #settle() {
    if (!this.#isDone || this.#depth > 0) return;
    this.#timers.end(this.#isDone);
    this.#watcher.disconnect();
    this.#elements.clear();
    this.#prototypes.clear();
  }

  /** Calls the page: now, or as soon as the widget's code has returned; not after the widget's end. */
  #tellPage(callback) {
    this.#later.push(callback);
    this.#tellNow();
  }

  #tellNow() {
    while (this.#depth === 0 && !this.#over && this.#later.length > 0) {
      try {
        this.#later.shift()();
      } catch (error) {
        report(error);
      }
    }
  }

  /** Runs the widget's code with the page's functions replaced by ours. */
  enter(body) {
    if (this.#patches) return body();
    this.#passBy(this.#watcher.takeRecords());
    this.#depth += 1;
    try {
      this.#patch();
      return body();
    } finally {
      this.#unpatch();
      this.#depth -= 1;
      this.#tellNow();
      this.#deliverInbox();
    }
  }

  /** Dispatches an event of the widget's: the page's code may hear it, and finds its own functions. */
  #dispatch(dispatch, event) {
    const before = this.#said;
    this.#said = event;
    this.#unpatch();
    try {
      return dispatch();
    } finally {
      this.#said = before;
      this.#passBy(this.#watcher.takeRecords());
      this.#patch();
    }
  }

  #unpatch() {
    this.#patches.undo();
    this.#patches = null;
    this.#adopt(this.#watcher.takeRecords());
    if (this.#over) this.#restoreLooks();
  }

  #patch() {
    const guest = this;
    const patches = new Patches();
    this.#patches = patches;
    this.#prototypes.swap(patches);
    this.#markup.patch(patches);
    const everywhere = (key, make) => {
      for (const place of new Set([window, document, EventTarget.prototype].map((it) => owner(it, key)))) patches.method(place, key, make);
    };
    everywhere("addEventListener", (add) => function (kind, listener, options) {
      if (!guest.#over) guest.#listeners.add(add, this ?? window, String(kind), listener, options);
    });
    everywhere("removeEventListener", (remove) => function (kind, listener, options) {
      guest.#listeners.remove(remove, this ?? window, String(kind), listener, options);
    });
    everywhere("dispatchEvent", (dispatch) => function (event) {
      return guest.#dispatch(() => dispatch.call(this ?? window, event), event);
    });
    const set = (listener) => void (this.#listeners.onmessage = listener);
    patches.put(window, "onmessage", () => ({ get: () => this.#listeners.onmessage, set }));
    for (const key of ["onload", "onerror", "onclick"]) {
      patches.setter(HTMLElement.prototype, key, (original) => function (listener) {
        original.call(this, guest.#ours(listener));
      });
    }
    for (const [start, stop] of CLOCKS) {
      const isOnce = start !== "setInterval";
      patches.method(window, start, (original) => (callback, ...rest) => this.#timers.schedule(original, window[stop], isOnce, this.#ours(callback), rest));
    }
    patches.method(Promise.prototype, "then", (then) => function (done, failed) {
      return then.call(this, guest.#ours(done), guest.#ours(failed));
    });
    for (const key of ["createElement", "createElementNS"]) {
      patches.method(document, key, (create) => function (...given) {
        const element = create.apply(this ?? document, given);
        guest.#elements.add(element);
        guest.#markup.made(element);
        return element;
      });
    }
    // What is in there, nobody sees from outside.
    patches.method(Element.prototype, "attachShadow", (attach) => function (options) {
      const root = attach.call(this, options);
      guest.#elements.add(root);
      return root;
    });
  }

  /** A callback of the widget's: it runs as its code does, and not after its end. */
  #ours(callback) {
    if (typeof callback !== "function") return callback;
    const guest = this;
    return function (...given) {
      return guest.#isDone ? undefined : guest.enter(() => callback.apply(this, given));
    };
  }

  #frames() {
    return [...this.#elements].flatMap(framesIn);
  }

  #owns(node) {
    for (let it = node; it; it = it.parentNode) if (this.#elements.has(it)) return true;
    return false;
  }

  /** Notes what the widget's code has just changed in the page. */
  #adopt(records) {
    const pages = new Set();
    for (const record of records) {
      if (record.type === "attributes") this.#looks.note(record.target, record.attributeName, record.oldValue);
      // What is taken out before it is put in was there before: it is only moved.
      for (const node of record.removedNodes) if (!this.#owns(node)) pages.add(node);
      for (const node of record.addedNodes) {
        if (this.#over && this.#owns(node)) node.remove();
        else if (!pages.has(node) && !this.#owns(node)) this.#take(node);
      }
    }
  }

  #take(node) {
    this.#elements.add(node);
    for (const frame of framesIn(node)) this.#markup.guard(frame);
    if (this.#over) node.remove();
  }

  /**
   * What others change in the page is theirs. But while a method of the widget's is still running, the first frame
   * with an allowed address is the widget's; and what comes when all is over goes again. Who removes the widget, and
   * does not only move it, has closed it.
   */
  #passBy(records) {
    let isTaken = false;
    for (const { target, addedNodes, removedNodes } of records) {
      for (const node of removedNodes) isTaken ||= framesIn(node).some((frame) => this.#owns(frame) || this.#owns(target));
      for (const node of addedNodes) {
        if (this.#over && this.#owns(node)) node.remove();
        else if (this.#running > 0 && this.#frames().length === 0 && this.#isWidget(node)) this.#take(node);
      }
    }
    if (isTaken && !this.#over && !this.#frames().some((frame) => frame.isConnected)) this.#ended(null, true);
  }

  #isWidget(node) {
    // What one that is over builds in vain must not be taken for the next one's, nor the next one's for it.
    const isIts = ({ href }) => !this.#over || !present || href.includes(this.#reference);
    return (
      node.isConnected &&
      framesIn(node).some((frame) => {
        const url = this.#markup.urlOf(frame);
        return this.#origins.includes(url.origin) && isIts(url);
      })
    );
  }

  #mayHear(event) {
    const { source } = event;
    const isOwn = event.isTrusted && source && this.#frames().some((frame) => frame.contentWindow === source);
    const from = event === this.#said ? "code" : isOwn ? "frame" : "";
    return this.#admits?.(kindOf(event), event.origin, from);
  }

  /**
   * Whether what the widget's code tells is not the echo of a message that it was not to hear. A listener that it has
   * not added in here hears them all.
   */
  #isTold() {
    const { event } = window;
    if (event?.type !== "message" || event.target !== window || event === this.#under) return true;
    // A page that schedules by messages to itself.
    if (event.source === window && kindOf(event) === undefined) return true;
    return this.#mayHear(event);
  }

  /** A message has arrived at the page. */
  #hear = (event) => {
    if (!this.#mayHear(event)) return;
    if (this.#listeners.hearsMessages) this.#deliver(event);
    else if (this.#inbox.length < INBOX) this.#inbox.push(event);
  };

  /** Hands over what arrived before the widget's code listened, as soon as it does. */
  #deliverInbox() {
    while (!this.#isDelivering && this.#depth === 0 && !this.#over && this.#inbox.length > 0 && this.#listeners.hearsMessages) {
      this.#deliver(this.#inbox.shift());
    }
  }

  #deliver(event) {
    const before = this.#isDelivering;
    this.#isDelivering = true;
    this.#under = window.event;
    // The page's own listeners get it too, whatever the widget's code thinks of that.
    event.stopImmediatePropagation = event.stopPropagation = () => {};
    for (const listener of this.#listeners.take()) {
      if (this.#over) break;
      try {
        this.enter(() => invoke(listener, window, event));
      } catch (error) {
        report(error);
      }
    }
    delete event.stopImmediatePropagation;
    delete event.stopPropagation;
    this.#isDelivering = before;
  }
}
