//! TypeScript that the generator cannot derive: options, callbacks, and the error class.
//!
//! The shapes of the HTTP API are declared where they are defined, in the shared package.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const CODES: &str = crate::error::TYPESCRIPT;

#[wasm_bindgen(typescript_custom_section)]
const ERROR: &str = r"
/** What every failing call of this module rejects with. */
export class MonoConnectError extends Error {
  /** For tests of a page: the module makes its own. */
  constructor(code: MonoConnectErrorCode, message?: string, details?: MonoConnectErrorDetails);
  /** Always the same, also where the class is not at hand. */
  readonly name: 'MonoConnectError';
  /** What happened, as a word that never changes its meaning. */
  readonly code: MonoConnectErrorCode;
  /** The HTTP status, where the proxy answered. */
  readonly status?: number;
  /** The request's name in the proxy's log. */
  readonly requestId?: string;
  /** How long to wait before trying again. */
  readonly retryAfterMs?: number;
  /** Whether the same call may succeed later although nothing else changes. */
  readonly retryable: boolean;
  /** What the browser threw, the proxy's problem document, or what the widget reported. */
  readonly cause?: unknown;
}

/** The optional parts of a {@link MonoConnectError}. */
export interface MonoConnectErrorDetails {
  /** The HTTP status, where the proxy answered. */
  status?: number | undefined;
  /** The request's name in the proxy's log. */
  requestId?: string | undefined;
  /** How long to wait before trying again. */
  retryAfterMs?: number | undefined;
  /** Whether the same call may succeed later although nothing else changes; no, if left out. */
  retryable?: boolean | undefined;
  /** What the browser threw, or the proxy's problem document. */
  cause?: unknown;
}
";

#[wasm_bindgen(typescript_custom_section)]
const OPTIONS: &str = r"
/** What a {@link ConnectClass} makes. */
export interface ConnectInstance {
  /** Builds the widget, hidden. */
  setup(...given: never[]): unknown;
  /** Shows it. */
  open(...given: never[]): unknown;
  /** Hides it. */
  close(...given: never[]): unknown;
}

/** A `Connect` class, for instance that of `@mono.co/connect.js`. */
export type ConnectClass = new (options: never) => ConnectInstance;

declare global {
  interface Window {
    /** What Mono's script leaves behind. */
    Connect?: ConnectClass;
  }
}

/** What {@link MonoConnect.create} takes. Everything is optional. */
export interface CreateOptions {
  /** Where the proxy is; `/` if left out. */
  proxyUrl?: string | undefined;
  /** The `Connect` to use; if left out, the script that the proxy names is loaded when needed. */
  connect?: ConnectClass | undefined;
  /** Gives the bearer token for each call, where the proxy runs with `AUTH_MODE=jwt`. */
  token?: (() => string | Promise<string>) | undefined;
  /** Hears the widget's events. */
  onEvent?: ((name: WidgetEventName, data: WidgetEventData) => void) | undefined;
  /** Sends the user to Mono's page, in the place of `location.assign`. */
  redirect?: ((url: string) => void) | undefined;
  /** How long one call of the proxy may take; 65 seconds if left out. */
  timeoutMs?: number | undefined;
  /** The page's nonce, for what the widget needs of styles and scripts. */
  nonce?: string | undefined;
}

/** The widget's events. */
export type WidgetEventName =
  | 'LOADED' | 'OPENED' | 'ERROR' | 'SUCCESS' | 'EXIT' | 'INSTITUTION_SELECTED'
  | 'AUTH_METHOD_SWITCHED' | 'SUBMIT_CREDENTIALS' | 'SUBMIT_MFA' | 'ACCOUNT_LINKED'
  | 'ACCOUNT_SELECTED' | (string & {});

/** What the widget tells with an event; the fields depend on the event. */
export interface WidgetEventData {
  /** The link session's. */
  reference?: string;
  /** When it happened, in milliseconds of the Unix epoch. */
  timestamp?: number;
  /** With `ERROR`: its kind. */
  errorType?: string;
  /** With `ERROR`: a sentence. */
  errorMessage?: string;
  /** With `INSTITUTION_SELECTED`: the bank. */
  institution?: { id: string; name: string };
  /** Whatever else the widget tells. */
  [field: string]: unknown;
}

/** Stops a call. */
export interface SignalOptions {
  /** Ends the call with `aborted`. */
  signal?: AbortSignal | undefined;
}

/** How to watch. */
export interface WatchOptions extends SignalOptions {
  /** Told each time that the proxy refuses the stream, for instance because the login is over. */
  onError?: ((error: MonoConnectError) => void) | undefined;
}

/** Stops a call, by signal or by time. */
export interface CallOptions extends SignalOptions {
  /** How long the call may take. */
  timeoutMs?: number | undefined;
}

/** How long to wait until something is there. */
export interface WaitOptions extends SignalOptions {
  /** When to give up with `timeout`; five minutes if left out. */
  timeoutMs?: number | undefined;
}

/** What {@link MonoConnect.watch} tells: all accounts, or what became of one. */
export type WatchEvent =
  | { type: 'snapshot'; accounts: Account[] }
  | { type: 'account'; account: Account }
  | { type: 'job'; accountId: AccountId; job: Job }
  | { type: 'removed'; accountId: AccountId };

/** What {@link MonoConnect.watch} returns. */
export interface Subscription {
  /** Ends it, and may be called again. The listener is not called any more. */
  close(): void;
}

/** The same, and what may be left out may be `undefined`, too: a page hands on what it was given. */
export type OrUndefined<T> = { [K in keyof T]: T[K] | undefined };

/** What to link. */
export interface LinkOptions extends SignalOptions, OrUndefined<LinkSessionRequest> {}

/** How to read a balance. */
export interface BalanceOptions extends CallOptions {
  /** Ask the bank itself; at most once in five minutes per account. */
  realtime?: boolean | undefined;
}

/** Which months a statement is of. */
export interface StatementOptions extends CallOptions {
  /** How far back: `last1month` to `last12months`. */
  period: Period;
}

/** Which months a PDF is of, and how long to wait for it. */
export interface StatementPdfOptions extends WaitOptions {
  /** How far back: `last1month` to `last12months`. */
  period: Period;
}

/** Which transactions to read. */
export interface TransactionQuery extends CallOptions {
  /** First day, `YYYY-MM-DD`. */
  start?: string | undefined;
  /** Last day, `YYYY-MM-DD`. */
  end?: string | undefined;
  /** Only what went out, or what came in. */
  type?: 'debit' | 'credit' | undefined;
  /** Only rows whose text contains this. */
  narration?: string | undefined;
  /** Which page, from 1 on. */
  page?: number | undefined;
  /** How many rows a page has. */
  limit?: number | undefined;
  /** Ask the bank itself; at most once in five minutes per account. */
  realtime?: boolean | undefined;
}
";
