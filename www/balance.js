import { stepChart } from "./chart.js";
import { element, quietly } from "./elements.js";
import { compactMoney, date, money } from "./format.js";
import { Panel } from "./panel.js";

const DAY_MS = 86_400_000;
/** More rows than this make no finer picture. */
const MOST_ROWS = 2000;
const ROWS_AT_ONCE = 500;
const shortDay = new Intl.DateTimeFormat("en-NG", { day: "numeric", month: "short" });

/** How the balance came to be what it is, from what the bank wrote beside each transaction. */
export class BalanceHistory extends Panel {
  #months;

  constructor(place, mono) {
    const months = place.querySelector("#balance-months");
    super(place, { read: ({ id }) => read(mono(), id, Number(months.value)), draw });
    this.#months = months;
    this.#months.addEventListener("change", () => this.load());
  }
}

async function read(mono, id, months) {
  const start = new Date();
  start.setMonth(start.getMonth() - months);
  const rows = [];
  for await (const row of mono.allTransactions(id, { start: isoDay(start), limit: ROWS_AT_ONCE })) {
    rows.push(row);
    if (rows.length >= MOST_ROWS) break;
  }
  return rows;
}

/** The last balance of each day, oldest first. Rows come newest first. */
export function balancesByDay(rows) {
  const days = new Map();
  for (const { balance, date: moment } of rows) {
    const at = Date.parse(moment ?? "");
    if (balance === null || balance === undefined || Number.isNaN(at)) continue;
    const day = Math.floor(at / DAY_MS) * DAY_MS;
    const known = days.get(day);
    if (!known || known.moment < at) days.set(day, { at: day, moment: at, minor: balance, value: Number(balance) });
  }
  return [...days.values()].sort((one, other) => one.at - other.at);
}

function draw(rows, { currency }) {
  const points = balancesByDay(rows);
  if (points.length < 2) return [quietly("There is nothing to draw yet", "Your bank wrote no balances beside the transactions of this time. Choose a longer time, or look at the transactions.")];
  const [first, last] = [points[0], points.at(-1)];
  const by = (better) => points.reduce((best, point) => (better(point.value, best.value) ? point : best));
  const [lowest, highest] = [by((one, best) => one < best), by((one, best) => one > best)];
  const written = ({ at, minor }) => `${money(minor, currency)} on ${date(at)}`;
  const description = `From ${written(first)} to ${written(last)}. Lowest ${written(lowest)}, highest ${written(highest)}.`;
  return [
    element(
      "figure",
      { class: "figure", testid: "balance-chart" },
      stepChart({ points, until: last.at + DAY_MS, title: "Balance over time", description, amount: (value) => compactMoney(value, currency), day: (at) => shortDay.format(at) }),
      element("figcaption", { class: "figure__words", text: description, testid: "balance-words" }),
    ),
    element(
      "details",
      { class: "more", testid: "balance-table" },
      element("summary", { text: "Show as a table" }),
      element(
        "table",
        { class: "table table--plain" },
        element("caption", { class: "visually-hidden", text: "Balance at the end of each day" }),
        element("thead", {}, element("tr", {}, element("th", { scope: "col", text: "Day" }), element("th", { scope: "col", class: "is-number", text: "Balance" }))),
        element("tbody", {}, ...points.toReversed().map(({ at, minor }) => element("tr", {}, element("th", { scope: "row", text: date(at) }), element("td", { class: "is-number", text: money(minor, currency) })))),
      ),
    ),
  ];
}

function isoDay(day) {
  return day.toISOString().slice(0, 10);
}
