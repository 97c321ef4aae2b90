/// <reference lib="esnext.disposable" />
export { MonoConnect, MonoConnectError } from "./dist/mono_connect.js";
export type * from "./dist/mono_connect.js";

/** Where the WebAssembly module comes from, when a bundler or server does not find it by itself. */
export type InitSource =
  | string
  | URL
  | Request
  | Response
  | BufferSource
  | WebAssembly.Module
  | Promise<Response | BufferSource | WebAssembly.Module>;

/**
 * Loads the WebAssembly module, once, however often it is called. Await it before
 * `MonoConnect.create()`. In a bundler it needs no argument.
 */
export default function init(source?: InitSource): Promise<void>;
