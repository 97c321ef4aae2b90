const COLUMNS = ["date", "type", "amount", "currency", "balance", "narration", "category"];
/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** A statement as a table for spreadsheets: amounts in whole units with a point, debits negative. */
export function statementCsv(transactions, currency) {
  const rows = transactions.map((row) => {
    const ownCurrency = row.currency ?? currency;
    const signed = row.type === "debit" ? -BigInt(row.amount) : BigInt(row.amount);
    return [row.date ?? "", row.type, decimal(signed, ownCurrency), ownCurrency ?? "", row.balance === null || row.balance === undefined ? "" : decimal(BigInt(row.balance), ownCurrency), harmless(row.narration ?? ""), harmless(row.category ?? "")];
  });
  // The mark tells spreadsheets that it is UTF-8.
  return `\uFEFF${[COLUMNS, ...rows].map((row) => row.map(quoted).join(",")).join("\r\n")}\r\n`;
}

/** A statement as it came, amounts in minor units. */
export function statementJson(statement) {
  return JSON.stringify(statement, (_, value) => (typeof value === "bigint" ? (Number.isSafeInteger(Number(value)) ? Number(value) : String(value)) : value), 2);
}

function decimal(minor, currency) {
  const digits = /^[A-Za-z]{3}$/.test(currency ?? "") ? new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits : 2;
  const sign = minor < 0n ? "-" : "";
  const figures = String(minor < 0n ? -minor : minor).padStart(digits + 1, "0");
  return digits === 0 ? `${sign}${figures}` : `${sign}${figures.slice(0, -digits)}.${figures.slice(-digits)}`;
}

function harmless(text) {
  return FORMULA.test(text) ? `'${text}` : text;
}

function quoted(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
