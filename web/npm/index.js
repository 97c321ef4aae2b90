import start, { MonoConnect as Generated, MonoConnectError } from "./dist/mono_connect.js";

export { MonoConnectError };

/** @type {Promise<void> | undefined} */
let starting;
let started = false;

/** @type {typeof import("./index.d.ts").default} */
export default function init(source) {
  starting ??= load(source);
  return starting;
}

/** @param {import("./index.d.ts").InitSource} [source] */
async function load(source) {
  try {
    await start({ module_or_path: source ?? beside() });
    started = true;
  } catch (cause) {
    starting = undefined;
    const retryable = Boolean(globalThis.WebAssembly);
    throw new MonoConnectError("network", whyNot(cause), { retryable, cause });
  }
}

/** The file that bundlers find and copy because of this very expression. */
function beside() {
  const { href } = new URL("./dist/mono_connect_bg.wasm", import.meta.url);
  // Vite 7 and older: the development server moves this file into a cache, and leaves the other behind.
  return href.replace(/\/\.vite\/deps\w*\/dist\//, "/mono-connect/dist/");
}

/** @param {unknown} cause */
function whyNot(cause) {
  const what = "The WebAssembly module could not be loaded";
  if (!globalThis.WebAssembly) return `${what}: there is no WebAssembly here.`;
  if (!(cause instanceof WebAssembly.CompileError)) return `${what}.`;
  return `${what}: what came is no WebAssembly, or the page's content security policy lacks 'wasm-unsafe-eval'.`;
}

const create = Generated.create;

/** @type {WeakSet<object>} */
const freed = new WeakSet();

function isFreed() {
  return new MonoConnectError("aborted", "This instance has been freed; MonoConnect.create() makes another.");
}

/**
 * What methods do after `free()` that do not return a promise.
 *
 * @type {Readonly<Record<string, () => unknown>>}
 */
const AFTERWARDS = {
  free() {},
  close() {},
  watch() {
    throw isFreed();
  },
  async *allTransactions() {
    throw isFreed();
  },
};

/** Lets an instance be freed more than once, and its methods say so instead of failing inside. */
function guardFreed() {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(Generated.prototype))) {
    const { get } = property;
    if (get) {
      /** @this {object} */
      const guarded = function () {
        if (freed.has(this)) throw isFreed();
        return Reflect.apply(get, this, []);
      };
      Object.defineProperty(Generated.prototype, name, { ...property, get: guarded });
    }
    /** @type {unknown} */
    const method = property.value;
    // The generator's own begin with two underscores.
    if (name === "constructor" || name.startsWith("__") || typeof method !== "function") continue;
    const afterwards = AFTERWARDS[name] ?? (() => Promise.reject(isFreed()));
    /** @this {object} @param {unknown[]} given */
    const guarded = function (...given) {
      if (freed.has(this)) return afterwards();
      if (name === "free") freed.add(this);
      return Reflect.apply(method, this, given);
    };
    Object.defineProperty(Generated.prototype, name, { ...property, value: guarded });
  }
  if (Symbol.dispose) Object.defineProperty(Generated.prototype, Symbol.dispose, { configurable: true, writable: true, value: Generated.prototype.free });
}

guardFreed();

function notInitialised() {
  return new MonoConnectError(
    "not_initialised",
    'Call `await init()`, the default export of "mono-connect", before MonoConnect.create().',
  );
}

/**
 * The generated class, which says what to call instead of failing inside: before `init()`, and
 * where `new` is used.
 */
export const MonoConnect = new Proxy(
  Object.assign(Generated, {
    /** @type {typeof Generated.create} */
    async create(options) {
      if (!started) throw notInitialised();
      return create.call(Generated, options);
    },
  }),
  {
    construct() {
      if (!started) throw notInitialised();
      throw new MonoConnectError("invalid_options", "Use `await MonoConnect.create(options)` instead of `new`.");
    },
  },
);
