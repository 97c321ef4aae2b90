import { element, setBusy } from "./elements.js";
import { Notice } from "./notices.js";
import { statementCsv, statementJson } from "./statement-files.js";

const PDF = "pdf";

/** Fetches a statement to keep: as a PDF that Mono builds, or as a file that this page makes. */
export class StatementPanel {
  #place;
  #mono;
  #notice;
  #status;
  #progress;
  #account = null;
  /** Ends what is under way when another account is looked at. */
  #running = new AbortController();

  constructor(place, mono) {
    this.#place = place;
    this.#mono = mono;
    this.#notice = new Notice(place.querySelector("#statement-notice"), place);
    this.#status = place.querySelector("#statement-status");
    this.#progress = place.querySelector("#statement-progress");
    for (const button of this.#buttons()) {
      button.addEventListener("click", () => button.getAttribute("aria-disabled") !== "true" && this.#fetch(button));
    }
    this.#period().addEventListener("change", () => this.#say());
  }

  open(account) {
    if (this.#account?.id !== account.id) {
      this.#running.abort();
      this.#notice.clear();
      this.#say();
    }
    this.#account = account;
  }

  /** A statement is asked for anew each time. */
  stale() {}

  async #fetch(button) {
    const { kind } = button.dataset;
    const [account, period] = [this.#account, this.#period().value];
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#notice.clear();
    this.#say(kind === PDF ? "Mono is building the PDF. This can take a minute." : "Fetching the statement…");
    this.#setRunning(button, true);
    try {
      if (kind === PDF) this.#offerPdf(await this.#mono().statementPdf(account.id, { period, signal }), account);
      else this.#save(kind, await this.#mono().statement(account.id, { period, signal }), account, period);
    } catch (error) {
      this.#say();
      if (!signal.aborted) this.#notice.showError(error, () => this.#fetch(button));
    } finally {
      this.#setRunning(button, false);
    }
  }

  #offerPdf({ url }, account) {
    const address = URL.canParse(url ?? "") ? new URL(url) : null;
    if (!address || !/^https?:$/.test(address.protocol)) throw Object.assign(new Error("no address of a PDF"), { code: "upstream_error" });
    const link = element("a", { href: address.href, target: "_blank", rel: "noopener noreferrer", class: "button button--small", testid: "statement-pdf-link", text: "Open the PDF" });
    this.#say("The PDF is ready. ", link);
    if (account === this.#account && !this.#place.hidden) link.focus();
  }

  #save(kind, statement, account, period) {
    const { transactions } = statement;
    if (transactions.length === 0) {
      this.#say("There are no transactions in this time.");
      return;
    }
    const [content, type] = kind === "csv" ? [statementCsv(transactions, account.currency), "text/csv"] : [statementJson(statement), "application/json"];
    const name = `statement-${account.account_number_last4 ?? "account"}-${period}.${kind}`;
    const address = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
    element("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    this.#say(`Saved ${transactions.length} transaction${transactions.length === 1 ? "" : "s"} as ${name}.`);
  }

  #setRunning(button, isRunning) {
    this.#progress.hidden = !isRunning;
    for (const each of this.#buttons()) each.setAttribute("aria-disabled", String(isRunning));
    setBusy(button, isRunning, button.dataset.label);
  }

  #say(...words) {
    this.#status.replaceChildren(...words);
  }

  #buttons() {
    return this.#place.querySelectorAll("button[data-kind]");
  }

  #period() {
    return this.#place.querySelector("#statement-period");
  }
}
