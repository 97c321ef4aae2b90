import { inWidget } from "./bank-window.js";
import { Cards, accountName, bankName, statusWord } from "./cards.js";
import { CustomerForm } from "./customer.js";
import { Detail } from "./detail.js";
import { isBusy } from "./elements.js";
import { Fetches } from "./fetches.js";
import { BankChoice } from "./institutions.js";
import { LiveFeed } from "./live.js";
import { isOutOfReach } from "./messages.js";
import { Notice, announce, toast } from "./notices.js";
import { ProcessingWatch } from "./processing.js";
import { UnlinkDialog } from "./unlink.js";

const LOGIN = { about: "login" };

const byId = (id) => document.getElementById(id);
const linkButton = byId("link-button");
const reauthoriseButton = byId("reauthorise-button");
const linkNotice = new Notice(byId("link-notice"), linkButton);
const pageNotice = new Notice(byId("page-notice"), byId("accounts-title"));

/** The connection to the proxy; null until the page could open it. */
let mono = null;
/** The account at whose bank the user is logging in again. */
let loggingIn = null;
/** The page is on its way to Mono's own page, where the user logs in again. */
let leaving = false;
/** In the order in which they were linked. */
let accounts = [];
let selectedId = null;

const cards = new Cards(byId("accounts-list"), { onSelect: select, onReauthorise: reauthorise });
const customerForm = new CustomerForm(byId("link-form"), { onSubmit: link });
const bankChoice = new BankChoice(byId("bank"));
const processing = new ProcessingWatch(askAbout);
const fetches = new Fetches();
const detail = new Detail({ mono: () => mono, fetches, onProgress: followUpAgain, onAccount: take });
const unlinkDialog = new UnlinkDialog(byId("unlink-dialog"), { unlink: (id) => mono.unlink(id), onUnlinked: drop });
const live = new LiveFeed(hear);

reauthoriseButton.addEventListener("click", () => reauthorise(selectedId));
byId("unlink-button").addEventListener("click", () => unlinkDialog.ask(known(selectedId)));
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
  bankChoice.fill(mono);
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
  if (account.id === selectedId) before ? detail.update(before, account, isOver) : detail.show(account);
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
  const account = known(id);
  if (!account) return;
  const isOver = followUp(account);
  if (id !== selectedId) return;
  detail.showRefresh(account);
  if (isOver && account.data_available) detail.reload();
}

function drop(id) {
  const account = known(id);
  if (!account) return;
  const hadFocus = cards.holdsFocus(id) || (id === selectedId && byId("detail").contains(document.activeElement)) || unlinkDialog.isAbout(id);
  unlinkDialog.close(id);
  accounts = accounts.filter((other) => other !== account);
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
    mono.link({ customer, institution: bankChoice.read(), consent: await customerForm.consent(), signal }),
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
  detail.notice.clear(LOGIN.about);
  loggingIn = id;
  const account = await inWidget(reauthoriseButton, "One moment…", (signal) => mono.reauthorise(id, { signal })).catch((error) => {
    if (!leaving) detail.notice.showError(error, () => reauthorise(id), LOGIN);
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
  const told = known(linked.id);
  if (!told) accounts.push(linked);
  followUp(told ?? linked);
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
  if (changed || detail.notice.isShown) showDetail();
  if (matchMedia("(max-width: 60rem)").matches) byId("detail-title").focus();
}

function showDetail() {
  const account = known(selectedId);
  if (account) detail.show(account);
}

function known(id) {
  return accounts.find((account) => account.id === id);
}
