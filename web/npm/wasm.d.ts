/**
 * The WebAssembly module as a file: for whoever hosts it elsewhere. How it is imported depends on the bundler, and most
 * give its address; `init()` finds it without.
 */
declare const module: unknown;
export default module;
