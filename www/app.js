import { inWidget } from "./bank-window.js";
import { Cards, accountName, bankName, statusWord } from "./cards.js";
import { CustomerForm } from "./customer.js";
import { isBusy } from "./elements.js";
import { Fetches } from "./fetches.js";
import { words } from "./format.js";
import { LiveFeed } from "./live.js";
import { isOutOfReach } from "./messages.js";
import { Notice, announce, toast } from "./notices.js";
import { ProcessingWatch } from "./processing.js";
import { RefreshPanel } from "./refresh.js";
import { Transactions } from "./transactions.js";

const ROWS_PER_PAGE = 10;

const byId = (id) => document.getElementById(id);
const linkButton = byId("link-button");
const reauthoriseButton = byId("reauthorise-button");
const linkNotice = new Notice(byId("link-notice"), linkButton);
const pageNotice = new Notice(byId("page-notice"), byId("accounts-title"));
const detailNotice = new Notice(byId("detail-notice"), byId("detail-title"));

/** The connection to the proxy; null until the page could open it. */
let mono = null;
/** The account at whose bank the user is logging in again. */
let loggingIn = null;
/** The page is on its way to Mono's own page, where the user logs in again. */
let leaving = false;
/** In the order in which they were linked. */
let accounts = [];
let selectedId = null;
/** Counts what the detail section was asked to show, so that a late answer cannot overwrite a newer one. */
let detailTurn = 0;
/** The turn in which rows are read again without anybody's asking; 0 when none are. */
let reloadTurn = 0;
/** The rows that are on their way may be old already. */
let reloadAfterwards = false;

const cards = new Cards(byId("accounts-list"), { onSelect: select, onReauthorise: reauthorise });
const customerForm = new CustomerForm(byId("link-form"), { onSubmit: link });
const transactions = new Transactions(byId("transactions"), { onPage: showTransactions });
const processing = new ProcessingWatch(askAbout);
const fetches = new Fetches();
const refreshPanel = new RefreshPanel({
  button: byId("refresh-button"),
  progress: byId("refresh-progress"),
  note: byId("refresh-note"),
  onRefresh: () => refresh(selectedId),
});
const live = new LiveFeed(hear);

reauthoriseButton.addEventListener("click", () => reauthorise(selectedId));
start();

// --- Starting ---------------------------------------------------------------

async function start() {
  pageNotice.clear();
  byId("dashboard").dataset.phase = "loading";
  try {
    mono ??= await (await import("./connection.js")).connect({ onLeave: () => (leaving = true) });
    ({ accounts } = await mono.accounts());
    live.start(mono);
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
  accounts.forEach(followUp);
  showAccounts();
  if (selectedId) showDetail();
}

// --- What happens by itself ---------------------------------------------------

/** Takes what the proxy tells of its own accord. */
function hear(event) {
  processing.fed();
  if (pageNotice.isShown) pageNotice.clear();
  switch (event.type) {
    case "snapshot":
      takeAll(event.accounts);
      break;
    case "account":
      take(event.account);
      break;
    case "job":
      fetches.heardOfJob(event.accountId, event.job);
      followUpAgain(event.accountId);
      break;
    case "removed":
      drop(event.accountId);
      break;
    default:
    // A later version of the package may tell more.
  }
}

/** All accounts as they are now. */
function takeAll(current) {
  const present = new Set(current.map(({ id }) => id));
  accounts.filter(({ id }) => !present.has(id)).forEach(({ id }) => drop(id));
  current.forEach(take);
}

/** An account as it is now, whoever told it. */
function take(account) {
  const before = accounts.find(({ id }) => id === account.id);
  if (before && Date.parse(account.updated_at) < Date.parse(before.updated_at)) return;
  if (!before) {
    accounts.push(account);
    selectedId ??= account.id;
    // What this page links it tells itself, when it is done.
    if (!isBusy(linkButton)) {
      linkNotice.clear();
      // Mono's first word of an account does not always name its bank.
      toast(account.institution?.name ? `${accountName(account)} is linked.` : "Another account is linked.");
    }
  } else {
    accounts[accounts.indexOf(before)] = account;
    tellChange(before, account);
  }
  const isOver = followUp(account);
  showAccounts();
  if (account.id === selectedId) updateDetail(before, account, isOver);
  else if (isOver && before?.balance !== account.balance) fetches.foundNews(account.id);
}

function tellChange(before, after) {
  const bank = bankName(after);
  if (!before.requires_reauth && after.requires_reauth) announce(`${bank} asks you to log in again.`);
  if (before.requires_reauth && !after.requires_reauth) {
    fetches.forgetResult(after.id);
    // What this page's own login brought it tells itself.
    if (loggingIn !== after.id) toast(`You are logged in again at ${bank}.`);
  }
  if (before.data_status !== after.data_status) announce(`${accountName(after)}: ${statusWord(after)}`);
}

/** Keeps asking while something is under way. Returns whether a fetch has just ended. */
function followUp(account) {
  const isOver = fetches.heardOf(account);
  if (isProcessing(account) || fetches.isRunning(account.id)) processing.start(account.id);
  else processing.stop(account.id);
  return isOver;
}

function followUpAgain(id) {
  const account = accounts.find((known) => known.id === id);
  if (!account) return;
  const isOver = followUp(account);
  if (id !== selectedId) return;
  showRefresh(account);
  if (isOver && account.data_available) reload();
}

function drop(id) {
  const account = accounts.find((known) => known.id === id);
  if (!account) return;
  const hadFocus = cards.holdsFocus(id) || (id === selectedId && byId("detail").contains(document.activeElement));
  accounts = accounts.filter((known) => known !== account);
  processing.stop(id);
  fetches.forget(id);
  const wasSelected = id === selectedId;
  if (wasSelected) selectedId = accounts[0]?.id ?? null;
  showAccounts();
  if (wasSelected && selectedId) showDetail();
  if (hadFocus) byId("accounts-title").focus();
  toast(`${accountName(account)} is no longer linked.`);
}

// --- Linking and logging in again -------------------------------------------

async function link() {
  if (isBusy(linkButton) || !mono) return;
  const customer = customerForm.read();
  if (!customer) return;
  linkNotice.clear();
  const earlier = new Set(accounts.map(({ id }) => id));
  const linked = await inWidget(linkButton, "One moment…", async (signal) =>
    mono.link({ customer, consent: await customerForm.consent(), signal }),
  ).catch((error) => {
    // The exchange may fail although Mono has told the proxy of the account already.
    const told = accounts.find(({ id }) => !earlier.has(id));
    if (!told) linkNotice.showError(error, link);
    return told;
  });
  linkButton.focus();
  if (!linked) return;
  selectedId = linked.id;
  add(linked);
  showAccounts();
  showDetail();
  toast(`${accountName(linked)} is linked.`);
}

async function reauthorise(id) {
  if (isBusy(reauthoriseButton) || !mono) return;
  const opener = document.activeElement;
  if (id !== selectedId) select(id);
  detailNotice.clear();
  loggingIn = id;
  const account = await inWidget(reauthoriseButton, "One moment…", (signal) => mono.reauthorise(id, { signal })).catch((error) => {
    if (!leaving) detailNotice.showError(error, () => reauthorise(id));
  });
  // How it ended is known when the page has come back.
  if (leaving) return;
  if (account) take(account);
  loggingIn = null;
  if (account) {
    toast(`You are logged in again at ${bankName(account)}.`);
  }
  (opener?.isConnected ? opener : reauthoriseButton).focus();
}

// --- Accounts ---------------------------------------------------------------

/** What this page linked. The live feed may have told it already, and more. */
function add(linked) {
  const known = accounts.find(({ id }) => id === linked.id);
  if (!known) accounts.push(linked);
  followUp(known ?? linked);
}

function showAccounts() {
  cards.show(accounts, selectedId);
  byId("accounts-list").hidden = accounts.length === 0;
  byId("accounts-empty").hidden = accounts.length > 0;
  byId("detail").hidden = selectedId === null;
  byId("accounts-count").textContent = accounts.length > 0 ? `${accounts.length} linked` : "";
}

/** Asks about one account, where the live feed does not tell; resolves to whether to ask once more. */
async function askAbout(id) {
  let account;
  try {
    account = await mono.account(id);
  } catch (error) {
    if (isOutOfReach(error)) {
      processing.starved();
      pageNotice.showError(error, comeBack);
    }
    if (error?.code === "account_not_found") drop(id);
    return error?.code !== "account_not_found";
  }
  pageNotice.clear();
  take(account);
  return isProcessing(account) || fetches.isRunning(id);
}

/** The user asks whether the server is back. */
async function comeBack() {
  let current;
  try {
    current = await mono.accounts();
  } catch (error) {
    pageNotice.showError(error, comeBack);
    return;
  }
  pageNotice.clear();
  takeAll(current.accounts);
  processing.hurry();
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
  showHead(account);
  showRefresh(account);
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

/** The selected account is another than before; what did not change stays as it is. */
function updateDetail(before, account, isOver) {
  if (before?.data_available !== account.data_available || (!account.data_available && before.data_status !== account.data_status)) {
    showDetail();
    return;
  }
  showHead(account);
  showRefresh(account);
  const mayHaveNews = before.updated_at !== account.updated_at && !fetches.isRunning(account.id);
  if (account.data_available && (isOver || mayHaveNews)) reload();
}

function showHead(account) {
  byId("detail-title").textContent = accountName(account);
  byId("detail-subtitle").textContent = [account.name, words(account.type), account.currency].filter(Boolean).join(" · ");
}

function showRefresh(account) {
  const { id } = account;
  const isRunning = isProcessing(account) || fetches.isRunning(id);
  refreshPanel.show({ isRunning, allowedAt: fetches.allowedAt(id), result: fetches.result(account), lastSync: account.last_sync });
}

/** Asks the bank for fresh data, now. */
async function refresh(id) {
  const show = () => {
    const account = accounts.find((known) => known.id === id);
    if (account && id === selectedId) showRefresh(account);
  };
  detailNotice.clear();
  fetches.ask(id);
  show();
  try {
    const outcome = await mono.sync(id);
    fetches.answered(id, outcome);
    if (outcome.has_new_data) fetches.foundNews(id);
    followUpAgain(id);
    if (outcome.status === "synced" && id === selectedId) reload();
  } catch (error) {
    if (error?.code === "rate_limited") fetches.refused(id, error.retryAfterMs);
    else fetches.answered(id);
    if (id === selectedId && error?.code !== "rate_limited") detailNotice.showError(error, () => refresh(id));
    show();
  }
}

/** Reads the rows that are shown once more, without anybody noticing unless they changed. */
async function reload() {
  // What the user asked for comes first.
  reloadAfterwards = transactions.isLoading || (reloadTurn !== 0 && reloadTurn === detailTurn);
  if (reloadAfterwards) return;
  const pageNumber = transactions.page ?? 1;
  detailTurn += 1;
  const [turn, id] = [detailTurn, selectedId];
  reloadTurn = turn;
  try {
    const result = await mono.transactions(id, { page: pageNumber, limit: ROWS_PER_PAGE });
    if (turn !== detailTurn) return;
    if (transactions.showPage({ ...result, page: result.page ?? pageNumber })) {
      fetches.foundNews(id);
      showRefresh(accounts.find((account) => account.id === id));
    }
  } catch (error) {
    if (turn === detailTurn) detailNotice.showError(error, reload);
    return;
  } finally {
    if (turn === reloadTurn) reloadTurn = 0;
  }
  if (reloadAfterwards) reload();
}

async function showTransactions(pageNumber) {
  detailTurn += 1;
  const turn = detailTurn;
  const id = selectedId;
  reloadAfterwards = false;
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
    return;
  }
  if (reloadAfterwards) reload();
}
