import type { Account, ConnectClass, Consent, Customer, MonoConnect, MonoConnectError, SelectedInstitution } from "./index.js";

/** The events of {@link MonoConnectButton}. All of them bubble, also out of a shadow root. */
export interface MonoConnectButtonEvents {
  /** An account was linked. */
  "mono-linked": CustomEvent<Account>;
  /**
   * With `account-id`: the user has logged in again, and Mono has confirmed it. Not where the proxy uses hosted links:
   * the page is left then, and what becomes of it, `watch()` tells.
   */
  "mono-reauthorised": CustomEvent<Account>;
  /** The user closed the widget. */
  "mono-dismissed": CustomEvent<MonoConnectError>;
  /** Anything else that failed. */
  "mono-error": CustomEvent<MonoConnectError>;
}

/**
 * `<mono-connect-button>`: links an account when it is pressed, or lets the user log in again at
 * the bank of the account in `account-id`. Its content is the label.
 *
 * Parts for styling: `button`, `busy` (the same, while the widget is open), `spinner`.
 */
export class MonoConnectButton extends HTMLElement {
  /** The same as `document.createElement("mono-connect-button")`. */
  constructor();
  /** Attribute `proxy-url`: where the proxy is; `/` if left out. */
  proxyUrl: string;
  /** Attribute `account-id`: re-authorise this account, and link none. */
  accountId: string | null;
  /** Attribute `disabled`. */
  disabled: boolean;
  /** Whether the widget is open, or being opened. */
  readonly busy: boolean;
  /** An instance of the page's own to use, for instance one with a `token`; it is not freed. */
  mono: MonoConnect | undefined;
  /** The `Connect` class to use. */
  connect: ConnectClass | undefined;
  /** Whose account it is. */
  customer: Customer | undefined;
  /** Open this bank's login page right away. */
  institution: SelectedInstitution | undefined;
  /** What the user agreed to; kept with time and user. */
  consent: Consent | undefined;

  /** As of every element, with the events of {@link MonoConnectButtonEvents}. */
  addEventListener<Type extends keyof MonoConnectButtonEvents>(
    type: Type,
    listener: (this: MonoConnectButton, event: MonoConnectButtonEvents[Type]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<Type extends keyof HTMLElementEventMap>(
    type: Type,
    listener: (this: MonoConnectButton, event: HTMLElementEventMap[Type]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  /** As of every element, with the events of {@link MonoConnectButtonEvents}. */
  removeEventListener<Type extends keyof MonoConnectButtonEvents>(
    type: Type,
    listener: (this: MonoConnectButton, event: MonoConnectButtonEvents[Type]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof HTMLElementEventMap>(
    type: Type,
    listener: (this: MonoConnectButton, event: HTMLElementEventMap[Type]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    /** Once `mono-connect/element` is imported. */
    "mono-connect-button": MonoConnectButton;
  }
}
