import { Cards, bankName } from "./cards.js";
import { setBusy } from "./elements.js";
import { lastDigits, words } from "./format.js";
import { isOutOfReach } from "./messages.js";
import { Notice, toast } from "./notices.js";
import { ProcessingWatch } from "./processing.js";
import { Transactions } from "./transactions.js";

const ROWS_PER_PAGE = 10;
const CONSENT_VERSION = "2026-01";
const CONSENT_PURPOSE = "Show balances and transactions";

const byId = (id) => document.getElementById(id);
const page = byId("page");
const linkButton = byId("link-button");
const reauthoriseButton = byId("reauthorise-button");
const linkNotice = new Notice(byId("link-notice"), linkButton);
const pageNotice = new Notice(byId("page-notice"), byId("accounts-title"));
const detailNotice = new Notice(byId("detail-notice"), byId("detail-title"));

/** The connection to the proxy; null until the page could open it. */
let mono = null;
/** The page is on its way to Mono's own page, where the user logs in again. */
let leaving = false;
/** In the order in which they were linked. */
let accounts = [];
let selectedId = null;
/** Counts what the detail section was asked to show, so that a late answer cannot overwrite a newer one. */
let detailTurn = 0;

const cards = new Cards(byId("accounts-list"), { onSelect: select, onReauthorise: reauthorise });
const transactions = new Transactions(byId("transactions"), { onPage: showTransactions });
const processing = new ProcessingWatch(refreshAccount);

byId("link-form").addEventListener("submit", (event) => {
  event.preventDefault();
  link();
});
reauthoriseButton.addEventListener("click", () => reauthorise(selectedId));
for (const field of document.querySelectorAll(".field input")) {
  field.addEventListener("input", () => complainAbout(field, ""));
}
start();

// --- Starting ---------------------------------------------------------------

async function start() {
  pageNotice.clear();
  byId("dashboard").dataset.phase = "loading";
  try {
    mono ??= await (await import("./connection.js")).connect({ onLeave: () => (leaving = true) });
    ({ accounts } = await mono.accounts());
  } catch (error) {
    byId("dashboard").dataset.phase = "failed";
    // A module that could not be fetched stays missing until the page is loaded anew.
    if (error?.code) pageNotice.showError(error, start);
    else pageNotice.showError({ code: "page_incomplete" }, () => location.reload());
    return;
  }
  linkButton.disabled = false;
  byId("dashboard").dataset.phase = "ready";
  byId("accounts-loading").hidden = true;
  selectedId ??= accounts[0]?.id ?? null;
  showAccounts();
  accounts.filter(isProcessing).forEach(({ id }) => processing.start(id));
  if (selectedId) showDetail();
}

// --- Linking and logging in again -------------------------------------------

async function link() {
  if (isBusy(linkButton) || !mono) return;
  const customer = readCustomer();
  if (!customer) return;
  linkNotice.clear();
  const linked = await inWidget(linkButton, "One moment…", async (signal) =>
    mono.link({ customer, consent: await consent(), signal }),
  ).catch((error) => linkNotice.showError(error, link));
  linkButton.focus();
  if (!linked) return;
  remember(linked);
  selectedId = linked.id;
  showAccounts();
  showDetail();
  toast(`${bankName(linked)} ${lastDigits(linked.account_number_last4)} is linked.`);
}

async function reauthorise(id) {
  if (isBusy(reauthoriseButton) || !mono) return;
  const opener = document.activeElement;
  if (id !== selectedId) select(id);
  detailNotice.clear();
  const account = await inWidget(reauthoriseButton, "One moment…", (signal) => mono.reauthorise(id, { signal })).catch((error) => {
    if (!leaving) detailNotice.showError(error, () => reauthorise(id));
  });
  // How it ended is known when the page has come back.
  if (leaving) return;
  if (account) {
    remember(account);
    showAccounts();
    showDetail();
    toast(`You are logged in again at ${bankName(account)}.`);
  }
  (opener?.isConnected ? opener : reauthoriseButton).focus();
}

/** While Mono's window is open the page behind it is out of reach; Escape gives up. */
async function inWidget(button, label, open) {
  const idleLabel = button.querySelector(".button__label").textContent;
  const giveUp = new AbortController();
  const onKey = (event) => event.key === "Escape" && giveUp.abort();
  document.addEventListener("keydown", onKey);
  setBusy(button, true, label);
  page.inert = true;
  try {
    return await open(giveUp.signal);
  } finally {
    page.inert = false;
    setBusy(button, false, idleLabel);
    document.removeEventListener("keydown", onKey);
  }
}

function readCustomer() {
  const [name, email] = [byId("customer-name"), byId("customer-email")];
  complainAbout(name, name.value.trim() ? "" : "Please enter your name.");
  complainAbout(email, email.validity.valid ? "" : "Please enter an e-mail address, for instance name@example.com.");
  const wrong = [name, email].find((field) => field.getAttribute("aria-invalid") === "true");
  wrong?.focus();
  return wrong ? null : { name: name.value.trim(), email: email.value.trim() };
}

function complainAbout(field, complaint) {
  byId(`${field.id}-error`).textContent = complaint;
  if (complaint) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** What the user agreed to, with a fingerprint of the very words that were shown. */
async function consent() {
  const agreed = { version: CONSENT_VERSION, purpose: CONSENT_PURPOSE };
  if (!crypto.subtle) return agreed;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(byId("consent-text").textContent));
  return { ...agreed, text_sha256: Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

function isBusy(button) {
  return button.getAttribute("aria-disabled") === "true";
}

// --- Accounts ---------------------------------------------------------------

function remember(account) {
  const known = accounts.findIndex(({ id }) => id === account.id);
  if (known === -1) accounts.push(account);
  else accounts[known] = account;
  if (isProcessing(account)) processing.start(account.id);
  else processing.stop(account.id);
}

function showAccounts() {
  cards.show(accounts, selectedId);
  byId("accounts-list").hidden = accounts.length === 0;
  byId("accounts-empty").hidden = accounts.length > 0;
  byId("detail").hidden = selectedId === null;
  byId("accounts-count").textContent = accounts.length > 0 ? `${accounts.length} linked` : "";
}

/** Asks about one account again; resolves to whether it should be asked once more. */
async function refreshAccount(id) {
  let account;
  try {
    account = await mono.account(id);
  } catch (error) {
    if (isOutOfReach(error)) pageNotice.showError(error, comeBack);
    return error?.code !== "account_not_found";
  }
  pageNotice.clear();
  const before = accounts.find((known) => known.id === id);
  remember(account);
  showAccounts();
  if (id === selectedId && before?.data_status !== account.data_status) showDetail();
  return isProcessing(account);
}

/** The user asks whether the server is back. */
async function comeBack() {
  try {
    ({ accounts } = await mono.accounts());
  } catch (error) {
    pageNotice.showError(error, comeBack);
    return;
  }
  pageNotice.clear();
  accounts.forEach(remember);
  processing.hurry();
  showAccounts();
  if (selectedId) showDetail();
}

function isProcessing(account) {
  return account.data_status === "PROCESSING";
}

// --- The selected account ---------------------------------------------------

function select(id) {
  const changed = id !== selectedId;
  selectedId = id;
  showAccounts();
  if (changed || detailNotice.isShown) showDetail();
  if (matchMedia("(max-width: 60rem)").matches) byId("detail-title").focus();
}

function showDetail() {
  const account = accounts.find(({ id }) => id === selectedId);
  if (!account) return;
  byId("detail-title").textContent = `${bankName(account)} ${lastDigits(account.account_number_last4)}`;
  byId("detail-subtitle").textContent = [account.name, words(account.type), account.currency].filter(Boolean).join(" · ");
  detailNotice.clear();
  if (account.data_available) {
    transactions.clear();
    showTransactions(1);
    return;
  }
  detailTurn += 1;
  if (isProcessing(account)) transactions.showMessage("Your bank is sending the transactions", "This usually takes less than a minute. They appear here by themselves.");
  else transactions.showMessage("There are no transactions to show", "Your bank gave no data for this account. Logging in again may help.");
}

async function showTransactions(pageNumber) {
  detailTurn += 1;
  const turn = detailTurn;
  const id = selectedId;
  detailNotice.clear();
  transactions.showLoading();
  try {
    const result = await mono.transactions(id, { page: pageNumber, limit: ROWS_PER_PAGE });
    if (turn !== detailTurn) return;
    transactions.showPage({ ...result, page: result.page ?? pageNumber });
  } catch (error) {
    if (turn !== detailTurn) return;
    transactions.stopLoading();
    detailNotice.showError(error, () => showTransactions(pageNumber));
  }
}
