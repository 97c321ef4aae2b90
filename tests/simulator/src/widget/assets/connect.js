// The simulator's widget script: defines `window.Connect` with the methods, DOM ids, query parameters and
// messages of @mono.co/connect.js 2.2, for a widget that lives at the origin this script came from.
// Where that package is careless (it believes every message), this one is too: pages must cope.
(function () {
  "use strict";
  if (typeof window === "undefined") return;

  const script = new URL(document.currentScript.src);
  const here = script.origin;
  // `connect.js?reauth=token` re-authorises as versions up to 2.0.2 did, by token instead of account id.
  const byToken = script.searchParams.get("reauth") === "token";
  const CONTAINER = "mono-connect--widget-div";
  const FRAME = "mono-connect--frame-id";
  const LOADER = "mono-connect-app-loader";
  const VERSION = byToken ? "2021-06-03" : "2023-12-14";
  const OPENING_MS = 2000;

  const EVENTS = {
    "mono.connect.widget_opened": "OPENED",
    "mono.connect.error_occured": "ERROR",
    "mono.connect.institution_selected": "INSTITUTION_SELECTED",
    "mono.connect.auth_method_switched": "AUTH_METHOD_SWITCHED",
    "mono.connect.on_exit": "EXIT",
    "mono.connect.login_attempt": "SUBMIT_CREDENTIALS",
    "mono.connect.mfa_submitted": "SUBMIT_MFA",
    "mono.connect.account_linked": "ACCOUNT_LINKED",
    "mono.connect.account_selected": "ACCOUNT_SELECTED",
  };

  const COVER = "position:fixed;inset:0;width:100%;height:100%;margin:0;overflow:hidden;z-index:999999999;display:none;visibility:hidden;";
  const CONTAINER_STYLE = COVER + "justify-content:center;align-items:center;background:rgba(0,0,0,0.6);color:transparent;";
  const FRAME_STYLE = COVER + "transition:opacity 0.3s ease 0s;";
  const LOADER_STYLE = ".app-loader{position:fixed;width:44px;height:44px}"
    + ".app-loader__spinner{width:44px;height:44px;box-sizing:border-box;border:4px solid rgba(255,255,255,.35);border-top-color:#fff;border-radius:50%;animation:app-loader__spinner 1s linear infinite}"
    + "@keyframes app-loader__spinner{to{transform:rotate(360deg)}}";

  const nothing = () => {};
  const byId = (id) => document.getElementById(id);

  function announce(type) {
    const event = new Event("message");
    event.data = { type, data: { timestamp: Date.now() } };
    window.dispatchEvent(event);
    return event.data.data;
  }

  function reveal(node, display) {
    node.style.display = display;
    node.style.visibility = display === "none" ? "hidden" : "visible";
  }

  function build(key, parameters, onLoad, onEvent) {
    const style = document.createElement("style");
    style.textContent = LOADER_STYLE;
    document.head.appendChild(style);
    byId(CONTAINER)?.remove();

    const address = new URL(here);
    address.searchParams.set("key", key);
    address.searchParams.set("referrer", window.location.href);
    address.searchParams.set("version", VERSION);
    for (const [name, value] of Object.entries(parameters)) {
      const nested = name === "data" || name === "selectedInstitution";
      address.searchParams.set(name, nested ? JSON.stringify(value) : value);
    }

    const container = document.createElement("div");
    container.id = CONTAINER;
    container.setAttribute("style", CONTAINER_STYLE);
    const loader = document.createElement("div");
    loader.id = LOADER;
    loader.className = "app-loader";
    const spinner = document.createElement("div");
    spinner.className = "app-loader__spinner";
    loader.appendChild(spinner);

    const frame = document.createElement("iframe");
    frame.id = FRAME;
    frame.src = address.href;
    frame.title = "Mono connect";
    frame.setAttribute("style", FRAME_STYLE);
    frame.setAttribute("frameborder", "0");
    frame.setAttribute("allowfullscreen", "true");
    frame.setAttribute("sandbox", "allow-forms allow-scripts allow-same-origin allow-top-navigation-by-user-activation allow-popups");
    frame.setAttribute("allow", "clipboard-write; clipboard-read; camera");
    frame.onload = () => {
      if (frame.style.visibility === "visible") loader.style.display = "none";
      onLoad();
      onEvent("LOADED", announce("mono.connect.widget_loaded"));
    };
    container.append(loader, frame);
    document.body.insertBefore(container, document.body.firstChild);
  }

  function Connect(config) {
    if (!(this instanceof Connect)) return new Connect(config);
    const { key, onSuccess, onClose = nothing, onLoad = nothing, onEvent = nothing, ...rest } = config;
    if (!key) throw new Error("PUBLIC_KEY is required");
    if (!onSuccess) throw new Error("onSuccess callback is required");
    Object.assign(this, { key, config: rest });
    // On the prototype, as in the package: a second instance takes over the callbacks of the first.
    Object.assign(Connect.prototype, { onSuccess, onClose, onLoad, onEvent });
  }

  Connect.prototype.setup = function (config = {}) {
    build(this.key, { ...this.config, ...config }, this.onLoad, this.onEvent);
  };

  Connect.prototype.reauthorise = function (accountId) {
    if (byToken) {
      if (!accountId) throw new Error("Re-auth token is required for reauthorisation");
      build(this.key, { ...this.config, reauth_token: accountId }, this.onLoad, this.onEvent);
      return;
    }
    if (!accountId) throw new Error("Account ID is required for re-authorisation");
    if (typeof accountId !== "string") throw new Error("Invalid accountId: must be a string");
    const data = { ...(this.config.data || {}), account: accountId };
    build(this.key, { ...this.config, data }, this.onLoad, this.onEvent);
  };

  Connect.prototype.open = function () {
    const container = byId(CONTAINER);
    const frame = byId(FRAME);
    reveal(container, "flex");
    byId(LOADER).style.display = "block";
    setTimeout(() => {
      reveal(container, "flex");
      reveal(frame, "block");
      frame.focus({ preventScroll: false });
      announce("mono.connect.widget_opened");
    }, OPENING_MS);

    Connect.prototype.eventHandler = (message) => {
      const { type, data } = message.data;
      if (type === "mono.connect.widget.account_linked" || type === "mono.connect.widget.charge_complete") {
        this.onSuccess({ ...data });
        this.onEvent("SUCCESS", data);
        this.close();
      } else if (type === "mono.connect.widget.closed") {
        this.close();
      } else if (type in EVENTS) {
        this.onEvent(EVENTS[type], data);
      }
    };
    window.addEventListener("message", this.eventHandler, false);
  };

  Connect.prototype.close = function () {
    window.removeEventListener("message", this.eventHandler, false);
    reveal(byId(CONTAINER), "none");
    reveal(byId(FRAME), "none");
    this.onClose();
  };

  Connect.prototype.fetchInstitutions = async function () {
    const answer = await fetch(`${here}/coverage`);
    return { data: await answer.json(), status: answer.status };
  };

  window.Connect = Connect;
})();
