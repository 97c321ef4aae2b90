import init, { MonoConnect } from "./mono-connect/index.js";

/** Opens the way to the proxy and to Mono's widget. */
export async function connect() {
  await init();
  const options = { proxyUrl: "/" };
  // A page that bundles @mono.co/connect.js hands its class in; without one, the package loads the script.
  if (window.Connect) options.connect = window.Connect;
  return MonoConnect.create(options);
}
