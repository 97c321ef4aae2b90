import { element, spoken } from "./elements.js";
import { dateAndTime, lastDigits, money, words } from "./format.js";

const STATUS = {
  PROCESSING: ["Processing", "busy", "Your bank is sending the data."],
  AVAILABLE: ["Available", "good", null],
  PARTIAL: ["Partial", "good", "Your bank sent only part of the data."],
  UNAVAILABLE: ["Unavailable", "poor", "Your bank sent no data for this account."],
  FAILED: ["Failed", "bad", "Mono could not fetch the data. Logging in again may help."],
};

const TINTS = 6;

/** The list of linked accounts. Knows nothing of how they are fetched. */
export class Cards {
  #list;
  #onSelect;
  #onReauthorise;
  #cards = new Map();

  constructor(list, { onSelect, onReauthorise }) {
    this.#list = list;
    this.#onSelect = onSelect;
    this.#onReauthorise = onReauthorise;
  }

  /** Shows exactly these accounts. Cards that did not change are not touched, so that focus stays where it is. */
  show(accounts, selectedId) {
    const present = new Set(accounts.map((account) => account.id));
    for (const [id, { item }] of this.#cards) {
      if (present.has(id)) continue;
      item.remove();
      this.#cards.delete(id);
    }
    accounts.forEach((account, position) => this.#place(account, position, account.id === selectedId));
  }

  #place(account, position, selected) {
    const fingerprint = JSON.stringify([account, selected], (_, value) => (typeof value === "bigint" ? String(value) : value));
    let card = this.#cards.get(account.id);
    if (!card) {
      card = { item: element("li", { class: "cards__item" }), fingerprint: null };
      this.#cards.set(account.id, card);
    }
    if (card.fingerprint !== fingerprint) {
      const focused = card.item.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
      card.item.replaceChildren(this.#build(account, selected));
      card.fingerprint = fingerprint;
      // What had the focus may be gone, for instance because Mono confirmed the login.
      if (focused) (card.item.querySelector(`[data-testid="${focused}"]`) ?? card.item.querySelector(".card__select")).focus();
    }
    if (this.#list.children[position] !== card.item) this.#list.insertBefore(card.item, this.#list.children[position] ?? null);
  }

  #build(account, selected) {
    const [, , explanation] = STATUS[account.data_status] ?? [];
    return element(
      "article",
      { class: `card${selected ? " is-selected" : ""}`, testid: "account-card", "data-account-id": account.id, "data-status": account.data_status },
      element(
        "div",
        { class: "card__top" },
        avatar(bankName(account)),
        element(
          "h3",
          { class: "card__bank" },
          element(
            "button",
            { class: "card__select", type: "button", "aria-current": selected ? "true" : null, "aria-controls": "detail", testid: "account-select", onclick: () => this.#onSelect(account.id) },
            element("span", { text: bankName(account), testid: "account-bank" }),
            spoken(`, account ending in ${account.account_number_last4 ?? "unknown"}: show transactions`),
          ),
        ),
        statusBadge(account),
        element("p", { class: "card__holder", text: account.name ?? "Name not known yet", testid: "account-holder" }),
      ),
      element("p", { class: "card__balance", testid: "account-balance" }, spoken("Balance "), balance(account)),
      element(
        "p",
        { class: "card__facts" },
        element("span", { class: "card__number", text: lastDigits(account.account_number_last4), testid: "account-number" }),
        element("span", { text: words(account.type), testid: "account-type" }),
        element("span", { testid: "account-linked" }, "Linked ", element("time", { datetime: account.linked_at, text: dateAndTime(account.linked_at) })),
      ),
      explanation ? element("p", { class: "card__note", text: explanation }) : null,
      account.duplicate_of ? element("p", { class: "card__note", text: "This looks like an account that you already linked.", testid: "account-duplicate" }) : null,
      account.requires_reauth ? this.#reauthoriseBanner(account) : null,
    );
  }

  #reauthoriseBanner(account) {
    const since = account.requires_reauth_since;
    return element(
      "div",
      { class: "card__reauth", testid: "account-reauth" },
      element("p", { class: "card__reauth-title", text: `${bankName(account)} asks you to log in again`, testid: "account-reauth-title" }),
      since ? element("p", { class: "card__reauth-since", testid: "account-reauth-since" }, "Since ", element("time", { datetime: since, text: dateAndTime(since) }), ". No new data comes until then.") : null,
      element(
        "button",
        { class: "button button--small", type: "button", testid: "account-reauthorise", onclick: () => this.#onReauthorise(account.id) },
        element("span", { class: "button__label", text: "Log in again" }),
        spoken(` at ${bankName(account)}`),
      ),
    );
  }

  holdsFocus(id) {
    return this.#cards.get(id)?.item.contains(document.activeElement) ?? false;
  }
}

/** "GTBank •••• 1234" */
export function accountName(account) {
  return `${bankName(account)} ${lastDigits(account.account_number_last4)}`;
}

export function statusWord(account) {
  return (STATUS[account.data_status] ?? [account.data_status])[0];
}

export function bankName(account) {
  return account.institution?.name ?? "Your bank";
}

function balance(account) {
  if (account.balance !== null && account.balance !== undefined) return money(account.balance, account.currency);
  const text = account.data_status === "PROCESSING" ? "Balance on its way" : "No balance";
  return element("span", { class: "card__balance-unknown", text });
}

function statusBadge(account) {
  const [, mood] = STATUS[account.data_status] ?? [null, "poor"];
  return element("span", { class: `badge badge--${mood}`, testid: "account-status" }, spoken("Status: "), statusWord(account));
}

function avatar(name) {
  const initials = name.split(/\s+/).map((word) => word.charAt(0)).join("").slice(0, 2).toUpperCase();
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  return element("span", { class: `avatar avatar--${sum % TINTS}`, "aria-hidden": "true", text: initials });
}
