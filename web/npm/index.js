import start, { MonoConnect as Generated, MonoConnectError } from "./dist/mono_connect.js";

export { MonoConnectError };

let starting;
let started = false;

/** Loads the WebAssembly module, once, however often it is called. */
export default function init(source) {
  source ??= new URL("./dist/mono_connect_bg.wasm", import.meta.url);
  starting ??= start({ module_or_path: source }).then(
    () => {
      started = true;
    },
    (cause) => {
      starting = undefined;
      throw new MonoConnectError("network", "The WebAssembly module could not be loaded.", {
        retryable: true,
        cause,
      });
    },
  );
  return starting;
}

const create = Generated.create;

/** The generated class, which before `init()` says what to call instead of failing inside. */
export const MonoConnect = Object.assign(Generated, {
  async create(options) {
    if (!started) {
      throw new MonoConnectError(
        "not_initialised",
        'Call `await init()`, the default export of "mono-connect", before MonoConnect.create().',
      );
    }
    return create.call(Generated, options);
  },
});
