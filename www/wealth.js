import { element, quietly } from "./elements.js";
import { date, money, signedMoney, words } from "./format.js";

const quantityFormat = new Intl.NumberFormat("en-NG", { maximumFractionDigits: 4 });

export async function readWealth(mono, id) {
  const [{ assets }, { earnings }] = await Promise.all([mono.assets(id), mono.earnings(id)]);
  return { assets, earnings };
}

/** What an investment account holds, and what it brought. */
export function drawWealth({ assets, earnings }, account) {
  if (assets.length === 0 && earnings.length === 0) return [quietly("No investments", "Nothing is held in this account.")];
  return [
    table("Holdings", "asset", ["Name", "Worth", "Gain", "Cost", "Quantity"], assets, (asset) => {
      const currency = asset.currency ?? account.currency;
      const gain = asset.return;
      return [
        [asset.name, asset.symbol, asset.type ? words(asset.type) : null].filter(Boolean).join(" · ") || "Without a name",
        money(asset.current_balance, currency),
        gain === null || gain === undefined ? "—" : money(gain, currency, "always"),
        money(asset.cost, currency),
        asset.quantity === null || asset.quantity === undefined ? "—" : quantityFormat.format(asset.quantity),
      ];
    }),
    table("Earnings", "earning", ["Date", "Of", "Amount"], earnings, (earning) => [
      earning.date ? date(earning.date) : "—",
      [earning.asset?.name ?? earning.asset?.symbol, earning.narration].filter(Boolean).join(" · ") || "—",
      signedMoney("credit", earning.amount, account.currency),
    ]),
  ];
}

function table(title, testid, columns, rows, cells) {
  if (rows.length === 0) return null;
  return element(
    "section",
    { class: "group" },
    element("h3", { class: "group__title", text: title }),
    element(
      "div",
      { class: "wide", tabindex: "0", role: "region", "aria-label": title },
      element(
        "table",
        { class: "table table--plain" },
        element("thead", {}, element("tr", {}, ...columns.map((name, index) => element("th", { scope: "col", class: isNumber(columns, index) ? "is-number" : null, text: name })))),
        element("tbody", {}, ...rows.map((row) => element("tr", { testid }, ...cells(row).map((text, index) => element("td", { class: isNumber(columns, index) ? "is-number" : null, text }))))),
      ),
    ),
  );
}

/** Names and dates stand left. */
function isNumber(columns, index) {
  return columns[index] !== "Date" && columns[index] !== "Of" && columns[index] !== "Name";
}
