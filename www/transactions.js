import { element, spoken } from "./elements.js";
import { date, dateAndTime, money, signedMoney, words } from "./format.js";

const COLUMNS = ["Date", "Narration", "Category", "Amount", "Balance"];
const NUMBERS = new Set(["Amount", "Balance"]);

/** The selected account's transactions, page by page. Knows nothing of how they are fetched. */
export class Transactions {
  #place;
  #onPage;
  /** The page that is shown, and what it says, to notice what is new. */
  #shown = null;

  constructor(place, { onPage }) {
    this.#place = place;
    this.#onPage = onPage;
  }

  /** Holds the place of rows that are being fetched; rows already there stay, dimmed. */
  showLoading() {
    this.#place.setAttribute("aria-busy", "true");
    if (this.#place.querySelector("table")) return;
    this.#place.replaceChildren(
      element("p", { class: "visually-hidden", role: "status", text: "Loading transactions" }),
      element("div", { class: "rows-skeleton", "aria-hidden": "true", testid: "transactions-loading" }, ...Array.from({ length: 6 }, () => element("i"))),
    );
  }

  /** Says why there are no rows to show. */
  showMessage(title, advice) {
    this.#place.removeAttribute("aria-busy");
    this.#shown = null;
    this.#place.replaceChildren(
      element("div", { class: "quiet", testid: "transactions-message" }, element("p", { class: "quiet__title", text: title }), element("p", { text: advice })),
    );
  }

  /**
   * @param {{transactions: object[], page: number, total: number | null, next_page: number | null, freshness: object | null, isFiltered?: boolean}} result
   * @returns {boolean} whether the same page said something else before
   */
  showPage(result) {
    this.#place.removeAttribute("aria-busy");
    const { transactions, page, total, next_page: nextPage } = result;
    const print = JSON.stringify([transactions, total], (_, value) => (typeof value === "bigint" ? String(value) : value));
    const hasNews = this.#shown?.page === page && this.#shown.print !== print;
    if (transactions.length === 0 && page <= 1) {
      if (result.isFiltered) this.showMessage("No such transactions", "None of this account’s transactions is as you want it. Choose other days or words, or clear the filters.");
      else this.showMessage("No transactions", "Your bank reports none for this account.");
      this.#shown = { page, print };
      return hasNews;
    }
    this.#shown = { page, print };
    const focused = this.#place.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    this.#place.replaceChildren(table(transactions), this.#foot(result, page, nextPage));
    if (focused) this.#place.querySelector(`[data-testid="${focused}"]`)?.focus();
    return hasNews;
  }

  get isLoading() {
    return this.#place.hasAttribute("aria-busy");
  }

  /** The page that is shown; null when there are no rows. */
  get page() {
    return this.#shown?.page ?? null;
  }

  clear() {
    this.stopLoading();
    this.#shown = null;
    this.#place.replaceChildren();
  }

  /** The rows did not come: what was there stays, the placeholder goes. */
  stopLoading() {
    this.#place.removeAttribute("aria-busy");
    if (!this.#place.querySelector("table")) this.#place.replaceChildren();
  }

  #foot({ total, freshness }, page, nextPage) {
    const count = total === null || total === undefined ? `Page ${page}` : `Page ${page} · ${total} transaction${total === 1 ? "" : "s"}`;
    return element(
      "div",
      { class: "transactions__foot" },
      element("p", { class: "transactions__count" }, element("span", { text: count, testid: "transactions-count" }), asOf(freshness)),
      element(
        "nav",
        { class: "pager", "aria-label": "Pages of transactions" },
        this.#turn("Previous", "transactions-prev", page > 1 ? page - 1 : null),
        this.#turn("Next", "transactions-next", nextPage ?? null),
      ),
    );
  }

  // Stays focusable at the end of the list, so that the focus is not lost on the last turn.
  #turn(label, testid, target) {
    const onclick = async () => {
      if (target === null) return;
      await this.#onPage(target);
      this.#place.querySelector(`[data-testid="${testid}"]`)?.focus();
    };
    return element("button", { class: "button button--small button--quiet", type: "button", testid, "aria-disabled": String(target === null), onclick }, label);
  }
}

// The roles are spelled out because narrow screens lay the table out as blocks, which would take them away.
function table(transactions) {
  return element(
    "table",
    { class: "table", role: "table", testid: "transactions-table" },
    element("caption", { class: "visually-hidden", text: "Recent transactions" }),
    element(
      "thead",
      { role: "rowgroup" },
      element("tr", { role: "row" }, ...COLUMNS.map((name) => element("th", { scope: "col", role: "columnheader", class: NUMBERS.has(name) ? "is-number" : null, text: name }))),
    ),
    element("tbody", { role: "rowgroup" }, ...transactions.map(row)),
  );
}

function row(transaction) {
  const { type, amount, currency } = transaction;
  const cell = (name, attributes, ...children) => element("td", { role: "cell", class: `cell-${name}`, ...attributes }, ...children);
  return element(
    "tr",
    { role: "row", testid: "transaction", "data-type": type },
    cell("date", {}, element("time", { datetime: transaction.date, text: date(transaction.date) })),
    cell("narration", { text: transaction.narration || "No narration" }),
    cell("category", { text: transaction.category ? words(transaction.category) : "" }),
    cell("amount", { testid: "transaction-amount" }, spoken(type === "credit" ? "Credit " : "Debit "), signedMoney(type, amount, currency)),
    cell("balance", {}, money(transaction.balance, currency)),
  );
}

function asOf(freshness) {
  if (!freshness?.as_of) return null;
  return element("span", { class: "transactions__fresh", testid: "transactions-freshness" }, ` · As of ${dateAndTime(freshness.as_of)}`);
}
