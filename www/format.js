const LOCALE = "en-NG";
const UNKNOWN = "—";

const dateFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric" });
const timeFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

/**
 * Money from minor units (kobo, pesewa, cents), without going through a float.
 *
 * @param {number | bigint | null} minorUnits
 * @param {string | null} currency ISO 4217; anything else is written beside the number
 * @param {"auto" | "always"} [sign]
 */
export function money(minorUnits, currency, sign = "auto") {
  if (minorUnits === null || minorUnits === undefined) return UNKNOWN;
  const format = moneyFormat(currency, sign);
  const digits = format.resolvedOptions().maximumFractionDigits;
  const whole = BigInt(minorUnits);
  const minus = whole < 0n ? "-" : "";
  const figures = String(whole < 0n ? -whole : whole).padStart(digits + 1, "0");
  const cut = figures.length - digits;
  const decimal = digits === 0 ? figures : `${figures.slice(0, cut)}.${figures.slice(cut)}`;
  const text = format.format(`${minus}${decimal}`).replace("-", "−");
  return isCurrencyCode(currency) ? text : `${text} ${currency ?? ""}`.trim();
}

/** "₦1.2m", for where there is little room. */
export function compactMoney(minorUnits, currency) {
  const format = moneyFormat(currency, "auto");
  const { maximumFractionDigits: digits, style } = format.resolvedOptions();
  const unit = style === "currency" ? { style, currency, currencyDisplay: "narrowSymbol" } : {};
  return new Intl.NumberFormat(LOCALE, { ...unit, notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 }).format(minorUnits / 10 ** digits).replace("-", "−");
}

/** A debit leaves the account, a credit comes in; the amount itself has no sign. */
export function signedMoney(type, amount, currency) {
  if (amount === null || amount === undefined) return UNKNOWN;
  const size = BigInt(amount) < 0n ? -BigInt(amount) : BigInt(amount);
  return money(type === "debit" ? -size : size, currency, "always");
}

export function date(text) {
  return written(text, dateFormat);
}

export function dateAndTime(text) {
  return written(text, timeFormat);
}

/** `SAVINGS_ACCOUNT` becomes `Savings account`. */
export function words(text) {
  if (!text) return UNKNOWN;
  const spaced = text.replaceAll(/[_\s]+/g, " ").trim().toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export function lastDigits(last4) {
  return last4 ? `•••• ${last4}` : "••••";
}

/** "in 2 minutes", "in 40 seconds" */
export function wait(milliseconds) {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  const [count, unit] = seconds < 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return `in ${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** `04:59`: what is left of a wait, rounded up, so that it is over when it says so. */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const figures = [Math.floor(seconds / 60), seconds % 60];
  return figures.map((figure) => String(figure).padStart(2, "0")).join(":");
}

function moneyFormat(currency, sign) {
  const options = { signDisplay: sign === "always" ? "exceptZero" : "auto" };
  return isCurrencyCode(currency)
    ? new Intl.NumberFormat(LOCALE, { ...options, style: "currency", currency, currencyDisplay: "narrowSymbol" })
    : new Intl.NumberFormat(LOCALE, { ...options, minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function isCurrencyCode(currency) {
  return /^[A-Za-z]{3}$/.test(currency ?? "");
}

function written(text, format) {
  const moment = new Date(text ?? Number.NaN);
  return Number.isNaN(moment.getTime()) ? UNKNOWN : format.format(moment);
}
