import init, { MonoConnect } from "./mono-connect/index.js";

/**
 * Opens the way to the proxy and to Mono's widget.
 *
 * @param {{onLeave: () => void}} page `onLeave` is called before the page goes to a hosted link of Mono's
 */
export async function connect({ onLeave }) {
  await init();
  const redirect = (url) => {
    onLeave();
    location.assign(url);
  };
  const options = { proxyUrl: "/", redirect };
  // A page that bundles @mono.co/connect.js hands its class in; without one, the package loads the script.
  if (window.Connect) options.connect = window.Connect;
  return MonoConnect.create(options);
}
