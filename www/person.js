import { element, quietly } from "./elements.js";
import { date, lastDigits, money, words } from "./format.js";

/** Who the bank says the owner is. */
export function drawIdentity(identity) {
  const facts = [
    ["Full name", identity.full_name],
    ["E-mail", identity.email],
    ["Phone", identity.phone],
    ["Date of birth", identity.date_of_birth ? dayOf(identity.date_of_birth) : null],
    ["Gender", identity.gender ? words(identity.gender) : null],
    ["Marital status", identity.marital_status ? words(identity.marital_status) : null],
    ["Address", identity.address],
    ["BVN", identity.bvn_last4 ? lastDigits(identity.bvn_last4) : null],
  ].filter(([, value]) => value);
  if (facts.length === 0) return [quietly("Nothing is known of the owner", "Your bank sent no personal details for this account.")];
  return [list(facts, "identity-facts")];
}

/** What is paid into the account again and again. */
export function drawIncome({ status, records }, account) {
  if (status === "processing") return [quietly("Your income is being worked out", "This takes a moment. It appears here by itself.")];
  if (records.length === 0) return [quietly("No income was found", "Nothing is paid into this account regularly.")];
  return [element("ul", { class: "incomes" }, ...records.map((record) => income(record, account)))];
}

function income(record, account) {
  const currency = record.currency ?? account.currency;
  const facts = [
    ["A month, on average", record.monthly_average ? money(record.monthly_average, currency) : null],
    ["How often", record.frequency ? words(record.frequency) : null],
    ["First paid", record.first_date ? dayOf(record.first_date) : null],
    ["Last paid", record.last_date ? dayOf(record.last_date) : null],
    ["Regularity", regularity(record.stability)],
  ].filter(([, value]) => value);
  return element(
    "li",
    { class: "income", testid: "income-record" },
    element("p", { class: "income__title" }, element("strong", { text: record.type ? words(record.type) : "Income" }), record.employer ? ` from ${record.employer}` : ""),
    record.amount === null || record.amount === undefined ? null : element("p", { class: "income__amount", text: money(record.amount, currency) }),
    list(facts, null),
  );
}

function list(facts, testid) {
  return element("dl", { class: "facts", testid }, ...facts.map(([name, value]) => element("div", {}, element("dt", { text: name }), element("dd", { text: value }))));
}

function regularity(share) {
  return share === null || share === undefined ? null : `${Math.round(share * 100)} %`;
}

/** Where a bank writes a day in its own way, it stays as the bank wrote it. */
function dayOf(text) {
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? date(text) : text;
}
