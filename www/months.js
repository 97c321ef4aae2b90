import { element, quietly, spoken } from "./elements.js";
import { money } from "./format.js";

const MONTH = /^(\d{1,2})[-/](\d{2}|\d{4})$/;
const monthFormat = new Intl.DateTimeFormat("en-NG", { month: "short", year: "numeric", timeZone: "UTC" });

export async function readMonths(mono, id) {
  const [credits, debits] = await Promise.all([mono.credits(id), mono.debits(id)]);
  return { credits, debits };
}

/** What came in and went out in each month, newest first. */
export function drawMonths({ credits, debits }, { currency }) {
  const months = byMonth(credits.history, debits.history);
  if (months.length === 0) return [quietly("No months to show", "Your bank reports nothing that came in or went out.")];
  const most = Math.max(...months.flatMap((month) => [Number(month.in?.amount ?? 0), Number(month.out?.amount ?? 0)]), 1);
  return [
    element(
      "dl",
      { class: "totals" },
      ...[["Came in", credits.total, "good"], ["Went out", debits.total, "plain"]].map(([label, total, mood]) =>
        element("div", { class: `totals__one totals__one--${mood}` }, element("dt", { text: label }), element("dd", { text: money(total, currency), testid: mood === "good" ? "credits-total" : "debits-total" })),
      ),
    ),
    element(
      "table",
      { class: "table table--plain months", testid: "months" },
      element("caption", { class: "visually-hidden", text: "What came in and went out, by month" }),
      element("thead", {}, element("tr", {}, ...["Month", "Came in", "Went out"].map((name) => element("th", { scope: "col", text: name })))),
      element("tbody", {}, ...months.map((month) => element("tr", { testid: "month" }, element("th", { scope: "row", text: month.name }), bar(month.in, most, currency, "in"), bar(month.out, most, currency, "out")))),
    ),
  ];
}

function bar(month, most, currency, direction) {
  if (!month) return element("td", {}, "—");
  const line = element("span", { class: `bar bar--${direction}`, "aria-hidden": "true" });
  line.style.setProperty("--share", `${Math.max(1, Math.round((Number(month.amount) / most) * 100))}%`);
  const count = month.transaction_count;
  const times = count === null || count === undefined ? null : element("span", { class: "bar__count", text: `${count} transaction${Number(count) === 1 ? "" : "s"}` });
  return element("td", {}, element("span", { class: "bar__amount", text: money(month.amount, currency) }), times ? spoken(", ") : null, times, line);
}

function byMonth(credits, debits) {
  const months = new Map();
  const put = (direction) => (month) => {
    const known = months.get(month.period) ?? { ...named(month.period) };
    months.set(month.period, { ...known, [direction]: month });
  };
  credits.forEach(put("in"));
  debits.forEach(put("out"));
  return [...months.values()].sort((one, other) => other.order - one.order);
}

/** `01-20` is January 2020. What is written in another way stays as it is. */
function named(period) {
  const [, month, year] = MONTH.exec(period) ?? [];
  if (!month || Number(month) < 1 || Number(month) > 12) return { name: period, order: 0 };
  const moment = Date.UTC(year.length === 2 ? 2000 + Number(year) : Number(year), Number(month) - 1);
  return { name: monthFormat.format(moment), order: moment };
}
