//! What Mono says about an account, normalised over generations and spellings.
//!
//! Words that Mono may add to (`data_status`, kinds, categories) stay words. The BVN is not kept.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::id::AccountId;
use crate::secret::Redacted;

/// An account number. `Debug` and `Display` do not show it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AccountNumber(Redacted<String>);

impl AccountNumber {
    /// Wraps an account number.
    pub fn new(number: impl Into<String>) -> Self {
        Self(Redacted::new(number.into()))
    }

    /// The whole number, for a caller who knows where it goes.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Its last four characters, or fewer when it has no more than that: then none, since they
    /// would be all of it.
    pub fn last4(&self) -> &str {
        let number = self.expose();
        match number.char_indices().rev().nth(3) {
            Some((start, _)) if start > 0 => &number[start..],
            _ => "",
        }
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The details of an account. `Debug` shows neither the holder's name nor the account number.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountDetails {
    /// The account's id as the answer gives it; the one asked for where it gives none.
    pub id: AccountId,
    /// The holder's name.
    pub name: Option<String>,
    /// The account number.
    pub account_number: Option<AccountNumber>,
    /// The currency, `NGN` or as it came.
    pub currency: Option<String>,
    /// The balance in the currency's minor unit.
    pub balance: Option<i64>,
    /// The bank's name for this kind of account, free text.
    pub account_type: Option<String>,
    /// The bank.
    pub institution: Institution,
    /// How far Mono is with fetching data, as it came: `AVAILABLE`, `PROCESSING` …
    pub data_status: Option<String>,
    /// What Mono has fetched: `identity`, `balance`, `transactions`.
    pub retrieved_data: Vec<String>,
    /// How the user logged in at the bank.
    pub auth_method: Option<String>,
    /// The reference given when the account was linked (`meta.ref`).
    pub reference: Option<String>,
    /// Mono's id of the customer.
    pub customer_id: Option<String>,
    /// The id that Mono's support asks for.
    pub data_request_id: Option<String>,
}

impl fmt::Debug for AccountDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountDetails")
            .field("id", &self.id)
            .field("name", &self.name.as_ref().map(Redacted::new))
            .field("account_number", &self.account_number)
            .field("currency", &self.currency)
            .field("balance", &self.balance.map(Redacted::new))
            .field("account_type", &self.account_type)
            .field("institution", &self.institution)
            .field("data_status", &self.data_status)
            .field("retrieved_data", &self.retrieved_data)
            .field("auth_method", &self.auth_method)
            .field("reference", &self.reference)
            .field("customer_id", &self.customer_id)
            .field("data_request_id", &self.data_request_id)
            .finish()
    }
}

/// The bank that holds an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Institution {
    /// The bank's name.
    pub name: Option<String>,
    /// The bank's code, with its leading zeros.
    pub bank_code: Option<String>,
    /// `PERSONAL_BANKING`, `BUSINESS_BANKING` or as it came.
    pub kind: Option<String>,
}

/// The balance of an account. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Balance {
    /// In the currency's minor unit; absent when Mono says `null`.
    pub balance: Option<i64>,
    /// The currency, `NGN` or as it came.
    pub currency: Option<String>,
}

impl fmt::Debug for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Balance")
            .field("balance", &self.balance.map(Redacted::new))
            .field("currency", &self.currency)
            .finish()
    }
}

/// Which way the money of the transactions asked for went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Out of the account.
    Debit,
    /// Into the account.
    Credit,
}

/// Which transactions are asked for. Without dates Mono gives the most recent ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionsQuery {
    /// The first day.
    pub start: Option<Date>,
    /// The last day.
    pub end: Option<Date>,
    /// Only this direction.
    pub kind: Option<Direction>,
    /// Only those whose narration contains this.
    pub narration: Option<String>,
    /// The page, from 1.
    pub page: Option<u32>,
    /// Rows on a page; Mono documents neither the default nor the maximum.
    pub limit: Option<u32>,
}

/// Which way the money of a transaction went.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TransactionKind {
    /// Out of the account.
    Debit,
    /// Into the account.
    Credit,
    /// A word that Mono did not use when this was written, as it came.
    Other(String),
}

impl TransactionKind {
    /// Mono's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
            Self::Other(word) => word,
        }
    }
}

/// One row of a statement. `Debug` shows neither amounts nor narration.
#[derive(Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Mono's id of the row; some rows have none.
    pub id: Option<String>,
    /// Which way the money went.
    pub kind: TransactionKind,
    /// In the currency's minor unit, positive in both directions.
    pub amount: i64,
    /// The bank's text, empty when there is none.
    pub narration: String,
    /// When it was booked.
    pub date: Timestamp,
    /// The balance after it.
    pub balance: Option<i64>,
    /// The currency, where the row names one.
    pub currency: Option<String>,
    /// Mono's category, free text.
    pub category: Option<String>,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("amount", &Redacted::new(self.amount))
            .field("narration", &Redacted::new(&self.narration))
            .field("date", &self.date)
            .field("balance", &self.balance.map(Redacted::new))
            .field("currency", &self.currency)
            .field("category", &self.category)
            .finish()
    }
}

/// One page of transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionPage {
    /// The rows that could be read, in Mono's order.
    pub rows: Vec<Transaction>,
    /// How many rows could not be read and are left out.
    pub skipped: usize,
    /// How many rows there are on all pages.
    pub total: Option<u64>,
    /// The number of this page.
    pub page: Option<u32>,
    /// Whether there is a further page; `None` when Mono does not say.
    pub has_next: Option<bool>,
}
