import { wait } from "./format.js";

// What happened, and what to do about it. `again` offers a button that repeats the action;
// `calm` is for what the user did on purpose.
const SENTENCES = {
  // What the proxy says.
  invalid_request: say("Something in what was sent is not right.", "Check your name and e-mail address, then try again."),
  unauthenticated: say("Your visit could not be recognised.", "Reload the page. If that does not help, clear this site’s cookies and link your account again."),
  forbidden_origin: say("This page may not use the account service.", "Open it at its usual address. If you run the service: name this page’s address in PUBLIC_URL or ALLOWED_ORIGINS."),
  account_not_found: say("We cannot find this account any more.", "It may have been unlinked somewhere else. Reload the page to see your current accounts."),
  job_not_found: say("We cannot find this piece of work any more.", "Reload the page and start it again."),
  not_found: say("The server does not know this request.", "Page and server may be of different versions. Reload the page."),
  data_not_ready: say("Your bank is still sending the data.", "This usually takes less than a minute. We look again by ourselves.", { calm: true }),
  reauthorisation_required: say("Your bank wants you to log in again.", "Use “Log in again”. What was already fetched stays here.", { calm: true }),
  link_session_invalid: say("This attempt to link an account is over.", "Too much time passed, or it was already used. Nothing was linked. Please start again.", { again: true }),
  code_already_used: say("This confirmation was already used.", "Somebody else used it first, so nothing was linked here. Please start again.", { again: true }),
  reference_mismatch: say("The confirmation belongs to another attempt.", "To be safe we linked nothing. Please start again.", { again: true }),
  code_expired: say("The bank’s confirmation came too late.", "It is only good for ten minutes. Nothing was linked, and your other accounts are unchanged. Please link the account again.", { again: true }),
  payload_too_large: say("That was more than the server accepts.", "Shorten what you entered, then try again."),
  rate_limited: say("That was a little too often.", "Nothing is lost. Please wait a moment, then try again.", { again: true }),
  not_supported: say("This is not offered here.", "The connected version of Mono’s service cannot do it."),
  upstream_error: say("Mono could not answer.", "The fault is not on your side, and your linked accounts are safe. Please try again in a moment.", { again: true }),
  upstream_timeout: say("Mono took too long to answer.", "Your linked accounts are safe. Please try again in a moment.", { again: true }),
  upstream_unavailable: say("Mono cannot be reached right now.", "Your linked accounts are safe. Please try again in a moment.", { again: true }),
  internal: say("Something went wrong on our side.", "Your linked accounts are safe. Please try again; if it happens again, tell support the request number.", { again: true }),

  // What the browser says.
  dismissed: say("You closed the bank window.", "Nothing was changed. Start again whenever you like.", { calm: true }),
  aborted: say("You stopped before the end.", "Nothing was changed. Start again whenever you like.", { calm: true }),
  widget_load_failed: say("Mono’s bank window could not be loaded.", "Check your connection and any ad or script blocker, then try again.", { again: true }),
  widget_busy: say("A bank window is already open.", "Finish or close it first.", { calm: true }),
  widget_error: say("The bank window reported a problem.", "Nothing was linked. Your bank may be having trouble: try again, or choose another way to log in.", { again: true }),
  network: say("We cannot reach the server.", "Check your internet connection, then try again. Your linked accounts are safe.", { again: true }),
  timeout: say("The server took too long to answer.", "Your linked accounts are safe. Please try again.", { again: true }),
  invalid_options: say("This page is set up wrongly.", "That is our fault, not yours. Please tell support."),
  not_initialised: say("This page was not ready yet.", "Reload the page, then try again."),
  reauthorise_unsupported: say("Logging in again does not work with this version of the bank window.", "Link the account once more instead."),

  // What this page says of itself.
  page_incomplete: say("This page could not be loaded completely.", "Check your internet connection, then try again. Your linked accounts are safe.", { again: true }),
};

const UNEXPECTED = say("Something unexpected happened.", "Reload the page, then try again. Your linked accounts are safe.", { again: true });

/** Every code that has sentences of its own. */
export const CODES = Object.keys(SENTENCES);

/**
 * An error in words.
 *
 * @param {unknown} error a MonoConnectError, or anything else that was thrown
 * @returns {{code: string, title: string, advice: string, calm: boolean, again: boolean, requestId: string | null}}
 */
export function describe(error) {
  const code = Object.hasOwn(SENTENCES, error?.code) ? error.code : null;
  const sentences = code ? SENTENCES[code] : UNEXPECTED;
  const advice = error?.retryAfterMs > 0 ? `${sentences.advice} It can work again ${wait(error.retryAfterMs)}.` : sentences.advice;
  return { ...sentences, advice, code: code ?? "unexpected", requestId: error?.requestId ?? null };
}

/** Whether the server itself could not be reached, so that nothing on the page can be fresh. */
export function isOutOfReach(error) {
  return error?.code === "network" || error?.code === "timeout";
}

function say(title, advice, { again = false, calm = false } = {}) {
  return { title, advice, again, calm };
}
