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
  constructor(code: MonoConnectErrorCode, message?: string, details?: MonoConnectErrorDetails);
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
  /** What the browser threw, or the proxy's problem document. */
  readonly cause?: unknown;
}

/** The optional parts of a {@link MonoConnectError}. */
export interface MonoConnectErrorDetails {
  status?: number;
  requestId?: string;
  retryAfterMs?: number;
  retryable?: boolean;
  cause?: unknown;
}
";

#[wasm_bindgen(typescript_custom_section)]
const OPTIONS: &str = r"
/** A `Connect` class, for instance that of `@mono.co/connect.js`. */
export type ConnectClass = Function;

/** What {@link MonoConnect.create} takes. Everything is optional. */
export interface CreateOptions {
  /** Where the proxy is; `/` if left out. */
  proxyUrl?: string;
  /** The `Connect` to use; if left out, the script that the proxy names is loaded when needed. */
  connect?: ConnectClass;
  /** Gives the bearer token for each call, where the proxy runs with `AUTH_MODE=jwt`. */
  token?: () => string | Promise<string>;
  /** Hears the widget's events. */
  onEvent?: (name: WidgetEventName, data: WidgetEventData) => void;
  /** Sends the user to Mono's page, in the place of `location.assign`. */
  redirect?: (url: string) => void;
  /** How long one call of the proxy may take; 65 seconds if left out. */
  timeoutMs?: number;
}

/** The widget's events. */
export type WidgetEventName =
  | 'LOADED' | 'OPENED' | 'ERROR' | 'SUCCESS' | 'EXIT' | 'INSTITUTION_SELECTED'
  | 'AUTH_METHOD_SWITCHED' | 'SUBMIT_CREDENTIALS' | 'SUBMIT_MFA' | 'ACCOUNT_LINKED'
  | 'ACCOUNT_SELECTED' | (string & {});

/** What the widget tells with an event; the fields depend on the event. */
export interface WidgetEventData {
  reference?: string;
  timestamp?: number;
  errorType?: string;
  errorMessage?: string;
  institution?: { id: string; name: string };
  [field: string]: unknown;
}

/** Stops a call. */
export interface SignalOptions {
  signal?: AbortSignal;
}

/** Stops a call, by signal or by time. */
export interface CallOptions extends SignalOptions {
  /** How long the call may take. */
  timeoutMs?: number;
}

/** How long to wait until something is there. */
export interface WaitOptions extends SignalOptions {
  /** When to give up with `timeout`; five minutes if left out. */
  timeoutMs?: number;
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

/** What to link. */
export interface LinkOptions extends SignalOptions {
  /** Whose account it is. */
  customer?: Customer;
  /** Open this bank's login page right away. */
  institution?: SelectedInstitution;
  /** What the user agreed to; kept with time and user. */
  consent?: Consent;
}

/** How to read a balance. */
export interface BalanceOptions extends CallOptions {
  /** Ask the bank itself; at most once in five minutes per account. */
  realtime?: boolean;
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
  start?: string;
  /** Last day, `YYYY-MM-DD`. */
  end?: string;
  type?: 'debit' | 'credit';
  /** Only rows whose text contains this. */
  narration?: string;
  page?: number;
  limit?: number;
  /** Ask the bank itself; at most once in five minutes per account. */
  realtime?: boolean;
}
";
