// Every code has its sentence: the compiler says when one is missing, and when one is new.

import { MonoConnectError, type MonoConnectErrorCode } from "mono-connect";

export function sentence(code: MonoConnectErrorCode): string {
  switch (code) {
    case "dismissed":
    case "aborted":
      return "";
    case "widget_busy":
      return "Another bank window is open.";
    case "widget_load_failed":
    case "network":
    case "timeout":
    case "upstream_error":
    case "upstream_timeout":
    case "upstream_unavailable":
    case "internal":
      return "Try again.";
    case "widget_error":
    case "code_expired":
    case "code_already_used":
    case "link_session_invalid":
    case "reference_mismatch":
      return "Link the account once more.";
    case "data_not_ready":
      return "The bank is still sending.";
    case "reauthorisation_required":
      return "Log in at your bank again.";
    case "rate_limited":
      return "Wait a little.";
    case "unauthenticated":
    case "forbidden_origin":
      return "Log in here.";
    case "account_not_found":
    case "job_not_found":
    case "not_found":
      return "It is gone.";
    case "not_supported":
    case "reauthorise_unsupported":
      return "This cannot be done here.";
    case "invalid_request":
    case "payload_too_large":
    case "invalid_options":
    case "not_initialised":
      return "This page has a fault.";
    default: {
      const nothing: never = code;
      return nothing;
    }
  }
}

export function describe(error: unknown): string {
  if (!(error instanceof MonoConnectError)) throw error;
  const wait: number | undefined = error.retryAfterMs;
  const status: number | undefined = error.status;
  const request: string | undefined = error.requestId;
  const again: boolean = error.retryable;
  const name: "MonoConnectError" = error.name;
  const cause: unknown = error.cause;
  return [name, sentence(error.code), error.message, wait, status, request, again, cause].join(" ");
}

// @ts-expect-error a code that nobody knows
new MonoConnectError("no_such_code");
export const made: MonoConnectError = new MonoConnectError("timeout", "slow", { retryable: true });
