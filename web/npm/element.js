/** @import { ConnectClass, Consent, Customer, MonoConnectError, SelectedInstitution } from "./index.js" */
import { Connection } from "./connection.js";
import init, { MonoConnect } from "./index.js";

const NAME = "mono-connect-button";

const STYLE = `
:host { display: inline-block; }
:host([hidden]) { display: none; }
button {
  display: inline-flex; align-items: center; justify-content: center; gap: 0.5em;
  box-sizing: border-box; width: 100%; min-height: 2.75em; padding: 0.5em 1.25em;
  border: 1px solid transparent; border-radius: 0.5em;
  background: #0a4fa8; color: #fff; font: inherit; cursor: pointer;
}
button:hover { background: #083f86; }
button:focus-visible { outline: 3px solid #6aa5f0; outline-offset: 2px; }
button:disabled { background: #5c6570; cursor: not-allowed; }
button[aria-busy="true"] { cursor: progress; }
span {
  width: 1em; height: 1em; box-sizing: border-box; border-radius: 50%;
  border: 0.15em solid currentcolor; border-right-color: transparent;
  animation: turn 0.8s linear infinite;
}
span[hidden] { display: none; }
@keyframes turn { to { rotate: 1turn; } }
@media (prefers-reduced-motion: reduce) { span { animation-duration: 4s; } }
@media (forced-colors: active) { button { border-color: ButtonBorder; } }
`;

/** @type {CSSStyleSheet | undefined} */
let style;

/** One for all buttons. A constructed sheet is no inline style, so that no policy needs to allow those. */
function sheet() {
  if (!style) {
    style = new CSSStyleSheet();
    style.replaceSync(STYLE);
  }
  return style;
}

/** What a page may have set before this file was loaded, which then hides the class's own. */
const PROPERTIES = /** @type {const} */ (["proxyUrl", "accountId", "disabled", "mono", "connect", "customer", "institution", "consent"]);

// A server has no elements; the class can be imported there, and made nowhere.
const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (class {});

/** @type {typeof import("./element.d.ts").MonoConnectButton} */
export const MonoConnectButton = class extends Base {
  static observedAttributes = ["disabled", "proxy-url"];

  /** @type {MonoConnect | undefined} */
  #mono;
  /** @type {ConnectClass | undefined} */
  #connect;
  /** @type {Customer | undefined} */
  #customer;
  /** @type {SelectedInstitution | undefined} */
  #institution;
  /** @type {Consent | undefined} */
  #consent;

  /** @type {Connection | undefined} */
  #connection;
  /** @type {(() => void) | undefined} */
  #letGo;
  /** @type {AbortController | undefined} */
  #running;
  #button;
  #spinner;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [sheet()];
    this.#button = document.createElement("button");
    this.#button.type = "button";
    this.#button.part.add("button");
    this.#spinner = document.createElement("span");
    this.#spinner.part.add("spinner");
    this.#spinner.hidden = true;
    const label = document.createElement("slot");
    label.textContent = "Link a bank account";
    this.#button.append(this.#spinner, label);
    root.append(this.#button);
    this.addEventListener("click", () => void this.#run());
    // Whoever points at it is likely to press it; then everything is there.
    this.addEventListener("pointerenter", () => this.#prepare());
    this.addEventListener("focusin", () => this.#prepare());
  }

  connectedCallback() {
    for (const name of PROPERTIES) this.#adopt(name);
  }

  disconnectedCallback() {
    // A move within the document is not the end.
    queueMicrotask(() => {
      if (!this.isConnected) this.#forget();
    });
  }

  attributeChangedCallback(/** @type {string} */ name) {
    if (name === "disabled") this.#button.disabled = this.disabled;
    else this.#forget();
  }

  get proxyUrl() {
    return this.getAttribute("proxy-url") ?? "/";
  }
  set proxyUrl(url) {
    this.setAttribute("proxy-url", url);
  }

  get accountId() {
    return this.getAttribute("account-id");
  }
  set accountId(id) {
    if (id === null) this.removeAttribute("account-id");
    else this.setAttribute("account-id", id);
  }

  get disabled() {
    return this.hasAttribute("disabled");
  }
  set disabled(disabled) {
    this.toggleAttribute("disabled", disabled);
  }

  get busy() {
    return this.#running !== undefined;
  }

  get mono() {
    return this.#mono;
  }
  set mono(mono) {
    this.#mono = mono;
    this.#forget();
  }

  get connect() {
    return this.#connect;
  }
  set connect(connect) {
    this.#connect = connect;
    this.#forget();
  }

  get customer() {
    return this.#customer;
  }
  set customer(customer) {
    this.#customer = customer;
  }

  get institution() {
    return this.#institution;
  }
  set institution(institution) {
    this.#institution = institution;
  }

  get consent() {
    return this.#consent;
  }
  set consent(consent) {
    this.#consent = consent;
  }

  /** @param {(typeof PROPERTIES)[number]} name */
  #adopt(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    Reflect.deleteProperty(this, name);
    Reflect.set(this, name, value);
  }

  /** Opens an instance of its own, unless the page has lent one. */
  #prepare() {
    if (this.#mono || this.#letGo || this.disabled || !this.isConnected) return;
    this.#connection = new Connection(async () => {
      await init();
      const { proxyUrl, nonce } = this;
      return MonoConnect.create({ proxyUrl, ...(nonce && { nonce }), ...(this.#connect && { connect: this.#connect }) });
    });
    this.#letGo = this.#connection.hold();
  }

  /** Ends what runs and frees what is its own. */
  #forget() {
    this.#running?.abort();
    this.#letGo?.();
    this.#letGo = undefined;
    this.#connection = undefined;
  }

  async #run() {
    if (this.#running || this.disabled || !this.isConnected) return;
    const running = new AbortController();
    this.#running = running;
    this.#show();
    try {
      const mono = this.#mono ?? (await this.#opened(running.signal));
      const id = this.accountId;
      const { signal } = running;
      if (id === null) {
        this.#tell("mono-linked", await mono.link({ ...this.#wanted(), signal }));
      } else {
        const account = await mono.reauthorise(id, { signal });
        // On the way to Mono's page nothing has happened yet.
        if (mono.reauthoriseMethod !== "hosted_link") this.#tell("mono-reauthorised", account);
      }
    } catch (cause) {
      const error = /** @type {MonoConnectError} */ (cause);
      if (!running.signal.aborted) this.#tell(error.code === "dismissed" ? "mono-dismissed" : "mono-error", error);
    } finally {
      this.#running = undefined;
      this.#show();
    }
  }

  #wanted() {
    return {
      ...(this.#customer && { customer: this.#customer }),
      ...(this.#institution && { institution: this.#institution }),
      ...(this.#consent && { consent: this.#consent }),
    };
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<MonoConnect>}
   */
  #opened(signal) {
    this.#prepare();
    const connection = /** @type {Connection} */ (this.#connection);
    connection.retry();
    return new Promise((resolve, reject) => {
      const look = () => {
        const { mono, error } = connection.state();
        if (!mono && !error && !signal.aborted) return;
        leave();
        if (mono) resolve(mono);
        else reject(error ?? signal.reason);
      };
      const leave = connection.subscribe(look);
      signal.addEventListener("abort", look, { once: true });
      look();
    });
  }

  /** Busy is not disabled: the focus stays where it is. */
  #show() {
    const { busy } = this;
    this.#spinner.hidden = !busy;
    this.#button.part.toggle("busy", busy);
    this.#button.ariaBusy = String(busy);
    this.#button.ariaDisabled = String(busy);
  }

  /**
   * @param {keyof import("./element.d.ts").MonoConnectButtonEvents} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }
};

if (globalThis.customElements && !customElements.get(NAME)) customElements.define(NAME, MonoConnectButton);
