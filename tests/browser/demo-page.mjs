// The demo page as its user sees it. Finds things by test id and waits for what it asks for.

import assert from "node:assert/strict";
import { eventually } from "./harness.mjs";
import { WidgetWindow } from "./widget-window.mjs";

export class DemoPage {
  /** What the browser complained about, in words. */
  troubles = [];

  constructor(context, page, stage) {
    this.context = context;
    this.page = page;
    this.stage = stage;
    this.widget = new WidgetWindow(page);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.troubles.push(`console ${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.troubles.push(`uncaught: ${error.message}`));
    page.on("requestfailed", (request) => {
      const cause = request.failure()?.errorText;
      // What a frame was still asking when it was removed.
      if (cause !== "net::ERR_ABORTED") this.troubles.push(`failed: ${request.method()} ${request.url()} ${cause}`);
    });
  }

  /** The same visitor, once more. */
  async anotherTab() {
    return new DemoPage(this.context, await this.context.newPage(), this.stage);
  }

  get(testId) {
    return this.page.getByTestId(testId);
  }

  async open(suffix = "") {
    await this.page.goto(`${this.stage.proxy.url}/${suffix}`);
  }

  async openReady(suffix = "") {
    await this.open(suffix);
    await this.page.locator('[data-testid="dashboard"][data-phase="ready"]').waitFor();
  }

  async clickLink() {
    await this.get("link-button").click();
  }

  /** Links an account from the button to the card, and returns the account's id. */
  async link(choices = {}) {
    const before = await this.accountIds();
    await this.clickLink();
    await this.widget.linkAccount(choices);
    await this.linkButtonIsIdle();
    return eventually("a new card", async () => (await this.accountIds()).find((id) => !before.includes(id)));
  }

  /** Waits until the page has done its part; the card may be there before, because Mono tells of the account, too. */
  async linkButtonIsIdle() {
    await this.page.locator('[data-testid="link-button"]:not(.is-busy)').waitFor();
  }

  accountIds() {
    return this.get("account-card").evaluateAll((cards) => cards.map((card) => card.dataset.accountId));
  }

  card(id) {
    return new Card(this.page.locator(`[data-testid="account-card"][data-account-id="${id}"]`));
  }

  /** Waits until the selected account's transactions are shown, and returns them as they are read. */
  async transactions() {
    await this.get("transaction").first().waitFor();
    return this.get("transaction").evaluateAll((rows) =>
      rows.map((row) => ({ type: row.dataset.type, cells: Array.from(row.cells, (cell) => cell.textContent) })),
    );
  }

  /** Waits for an error in words, and returns its code and words. */
  notice(where) {
    return notice(this.get(where).getByTestId("notice-error"));
  }

  calmNotice(where) {
    return notice(this.get(where).getByTestId("notice-calm"));
  }

  tryAgain(where) {
    return this.get(where).getByTestId("try-again").click();
  }

  /** Waits until an account's card is gone. */
  gone(id) {
    return this.card(id).place.waitFor({ state: "detached" });
  }

  /** Waits until the selected account's fetching has come so far, in words. */
  refreshNote(words) {
    return this.get("refresh-note").filter({ hasText: words }).waitFor();
  }

  /** The refresh button, once it says this and can or cannot be used. */
  refreshButton(words, { usable }) {
    return this.page.locator(`[data-testid="refresh-button"][aria-disabled="${!usable}"]`).filter({ hasText: words }).waitFor();
  }

  /** What the page asks the proxy for from now on, in order: `GET /api/accounts/1`. Following events is not asking. */
  asked() {
    const asked = [];
    this.page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/api/") && pathname !== "/api/events") asked.push(`${request.method()} ${pathname}`);
    });
    return asked;
  }

  /** From now on notes when something comes and goes, to the millisecond. */
  async notesWhen(selector) {
    await this.page.evaluate((wanted) => {
      window.notes = [];
      let wasThere = document.querySelector(wanted) !== null;
      new MutationObserver(() => {
        const isThere = document.querySelector(wanted) !== null;
        if (isThere === wasThere) return;
        wasThere = isThere;
        window.notes.push({ round: window.notes.length, isThere, at: Date.now() });
      }).observe(document.body, { childList: true, subtree: true });
    }, selector);
  }

  noted() {
    return this.page.evaluate(() => window.notes);
  }

  /** Turns to a tab of the selected account. */
  async chooseTab(id) {
    await this.get(`tab-${id}`).click();
    return this.get(`panel-${id}`);
  }

  /** The button that has the focus, by test id. */
  focused() {
    return this.page.evaluate(() => document.activeElement?.dataset.testid ?? document.activeElement?.tagName ?? null);
  }
}

class Card {
  constructor(place) {
    this.place = place;
  }

  text(testId) {
    return this.place.getByTestId(testId).innerText();
  }

  async becomes(status) {
    await this.place.and(this.place.page().locator(`[data-status="${status}"]`)).waitFor();
  }

  status() {
    return this.place.getAttribute("data-status");
  }
}

async function notice(place) {
  await place.waitFor();
  const words = await place.innerText();
  assert.match(words, /\w+ \w+ \w+/, "a notice is a sentence");
  return { code: await place.getAttribute("data-code"), words };
}

/** Kobo as the page writes them. */
export function naira(kobo) {
  const figures = new Intl.NumberFormat("en-NG", { minimumFractionDigits: 2 }).format(Math.abs(kobo) / 100);
  return `${kobo < 0 ? "−" : ""}₦${figures}`;
}
