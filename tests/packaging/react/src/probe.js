// Counts instances, and lets the test mount and unmount.

import { StrictMode, createElement as h } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { MonoConnect } from "mono-connect";
import { Page } from "./status.js";

const { create } = MonoConnect;
const { free } = MonoConnect.prototype;
const counts = { made: 0, freed: 0 };
MonoConnect.create = async (options) => {
  const mono = await create(options);
  counts.made += 1;
  return mono;
};
MonoConnect.prototype.free = function () {
  counts.freed += 1;
  free.call(this);
};

const place = document.querySelector("#root");
const page = (props) => h(StrictMode, null, h(Page, props));
let root;

window.probe = {
  counts,
  mount(props) {
    root = createRoot(place);
    root.render(page(props));
  },
  hydrate(html) {
    place.innerHTML = html;
    root = hydrateRoot(place, page({}));
  },
  // With a new function every time, as components written without care do it.
  render: (props) => root.render(page({ ...props, onEvent: () => {} })),
  unmount: () => root.unmount(),
};
