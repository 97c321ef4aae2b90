import { accountName } from "./cards.js";
import { Filters } from "./filters.js";
import { words } from "./format.js";
import { Notice } from "./notices.js";
import { panels } from "./panels.js";
import { RefreshPanel } from "./refresh.js";
import { Tabs } from "./tabs.js";
import { Transactions } from "./transactions.js";

const ROWS_PER_PAGE = 10;
const REFRESH = { about: "refresh" };
const ROWS = { about: "rows" };

const byId = (id) => document.getElementById(id);

/** The selected account: how fresh it is, its transactions, and what else is known of it. */
export class Detail {
  notice = new Notice(byId("detail-notice"), byId("detail-title"));
  #mono;
  #fetches;
  #onProgress;
  #onAccount;
  #account = null;
  #filters = new Filters(byId("filters"), { onChange: () => this.#showRows(1) });
  #transactions = new Transactions(byId("transactions"), { onPage: (page) => this.#showRows(page) });
  #refreshPanel;
  #tabs;
  #panels;
  /** Counts what the rows were asked to show, so that a late answer cannot overwrite a newer one. */
  #turn = 0;
  /** The turn in which rows are read again without anybody's asking; 0 when none are. */
  #reloadTurn = 0;
  /** The rows that are on their way may be old already. */
  #reloadAfterwards = false;

  /**
   * @param {{mono: () => object, fetches: import("./fetches.js").Fetches, onProgress: (id: string) => void, onAccount: (account: object) => void}} parts
   *   `onProgress`: something was learnt about a fetch of this account's; `onAccount`: about an account
   */
  constructor({ mono, fetches, onProgress, onAccount }) {
    this.#mono = mono;
    this.#fetches = fetches;
    this.#onProgress = onProgress;
    this.#onAccount = onAccount;
    this.#refreshPanel = new RefreshPanel({
      button: byId("refresh-button"),
      progress: byId("refresh-progress"),
      note: byId("refresh-note"),
      onRefresh: () => this.#refresh(this.#account.id),
    });
    this.#panels = panels(mono);
    const tab = (id, label) => ({ id, label, panel: byId(`panel-${id}`) });
    const tabs = [tab("transactions", "Transactions"), tab("balance", "Balance"), tab("months", "In and out"), tab("person", "Profile"), tab("wealth", "Investments"), tab("statement", "Statement")];
    this.#tabs = new Tabs(byId("detail-tabs"), tabs, () => this.#openPanel());
  }

  /** Shows an account from the beginning. */
  show(account) {
    const isAnother = this.#account?.id !== account.id;
    this.#account = account;
    this.#showHead();
    this.showRefresh(account);
    this.notice.clear();
    if (isAnother) this.#filters.clear();
    if (account.data_available) {
      this.#transactions.clear();
      this.#openPanel();
      this.#showRows(1);
      return;
    }
    this.#turn += 1;
    if (account.data_status === "PROCESSING") this.#transactions.showMessage("Your bank is sending the transactions", "This usually takes less than a minute. They appear here by themselves.");
    else this.#transactions.showMessage("There are no transactions to show", "Your bank gave no data for this account. Logging in again may help.");
  }

  /** The account is another than before; what did not change stays as it is. */
  update(before, account, isOver) {
    if (before?.data_available !== account.data_available || (!account.data_available && before.data_status !== account.data_status)) {
      this.show(account);
      return;
    }
    this.#account = account;
    this.#showHead();
    this.showRefresh(account);
    const mayHaveNews = before.updated_at !== account.updated_at && !this.#fetches.isRunning(account.id);
    if (account.data_available && (isOver || mayHaveNews)) this.reload();
  }

  #showHead() {
    const account = this.#account;
    byId("detail-title").textContent = accountName(account);
    byId("detail-subtitle").textContent = [account.name, words(account.type), account.currency].filter(Boolean).join(" · ");
    const { data_available: isAvailable } = account;
    byId("detail-tabs").hidden = !isAvailable;
    byId("filters").hidden = !isAvailable;
    if (!isAvailable) this.#tabs.choose("transactions");
  }

  showRefresh(account) {
    const { id } = account;
    const isRunning = account.data_status === "PROCESSING" || this.#fetches.isRunning(id);
    this.#refreshPanel.show({ isRunning, allowedAt: this.#fetches.allowedAt(id), result: this.#fetches.result(account), lastSync: account.last_sync });
  }

  /** Asks the bank for fresh data, now. */
  async #refresh(id) {
    const isShown = () => id === this.#account.id;
    this.notice.clear(REFRESH.about);
    this.#fetches.ask(id);
    this.showRefresh(this.#account);
    try {
      const outcome = await this.#mono().sync(id);
      this.#fetches.answered(id, outcome);
      if (outcome.has_new_data) this.#fetches.foundNews(id);
      this.#onProgress(id);
      if (outcome.status === "synced" && isShown()) this.reload();
    } catch (error) {
      const isTooEarly = error?.code === "rate_limited";
      if (isTooEarly) this.#fetches.refused(id, error.retryAfterMs);
      else {
        this.#fetches.answered(id);
        await this.#learnBudget(id);
      }
      if (!isShown()) return;
      const again = this.#fetches.allowedAt(id) > Date.now() ? null : () => this.#refresh(id);
      if (!isTooEarly) this.notice.showError(error, again, REFRESH);
      this.showRefresh(this.#account);
    }
  }

  /** A fetch that went wrong may have used up the budget all the same. */
  async #learnBudget(id) {
    try {
      this.#onAccount(await this.#mono().account(id));
    } catch {
      // The live feed, or the next try, will tell.
    }
  }

  /** Reads what is shown once more, without anybody noticing unless it changed. */
  async reload() {
    for (const panel of Object.values(this.#panels)) panel.stale();
    this.#openPanel();
    // What the user asked for comes first.
    this.#reloadAfterwards = this.#transactions.isLoading || (this.#reloadTurn !== 0 && this.#reloadTurn === this.#turn);
    if (this.#reloadAfterwards) return;
    const pageNumber = this.#transactions.page ?? 1;
    this.#turn += 1;
    const [turn, id] = [this.#turn, this.#account.id];
    this.#reloadTurn = turn;
    this.notice.clear(ROWS.about);
    try {
      const result = await this.#readRows(id, pageNumber);
      if (turn !== this.#turn) return;
      if (this.#transactions.showPage(result)) {
        this.#fetches.foundNews(id);
        this.showRefresh(this.#account);
      }
    } catch (error) {
      if (turn === this.#turn) this.notice.showError(error, () => this.reload(), { ...ROWS, quiet: true });
      return;
    } finally {
      if (turn === this.#reloadTurn) this.#reloadTurn = 0;
    }
    if (this.#reloadAfterwards) this.reload();
  }

  async #showRows(pageNumber) {
    this.#turn += 1;
    const [turn, id] = [this.#turn, this.#account.id];
    this.#reloadAfterwards = false;
    this.notice.clear(ROWS.about);
    this.#transactions.showLoading();
    try {
      const result = await this.#readRows(id, pageNumber);
      if (turn !== this.#turn) return;
      this.#transactions.showPage(result);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#transactions.stopLoading();
      this.notice.showError(error, () => this.#showRows(pageNumber), ROWS);
      return;
    }
    if (this.#reloadAfterwards) this.reload();
  }

  async #readRows(id, pageNumber) {
    const query = this.#filters.read();
    const result = await this.#mono().transactions(id, { ...query, page: pageNumber, limit: ROWS_PER_PAGE });
    return { ...result, page: result.page ?? pageNumber, isFiltered: Object.keys(query).length > 0 };
  }

  #openPanel() {
    this.#panels[this.#tabs.chosen]?.open(this.#account);
  }
}
