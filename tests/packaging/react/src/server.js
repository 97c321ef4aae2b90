// Renders as a server does, and says what a hook without its provider says.

import { createElement as h } from "react";
import { renderToString } from "react-dom/server";
import { Page, Status } from "./status.js";

let complaint;
try {
  renderToString(h(Status));
} catch (error) {
  complaint = error.message;
}
console.log(JSON.stringify({ html: renderToString(h(Page)), complaint }));
