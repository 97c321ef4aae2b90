//! A linked account: Mono's copy of a bank account, made anew by every link.
//! What the bank itself knows stands in `bank` and `ledger`.

use jiff::Timestamp;

use super::settings::Generation;

/// Parts of the data that one fetch can bring.
pub(crate) const BALANCE: &str = "balance";
pub(crate) const TRANSACTIONS: &str = "transactions";
pub(crate) const IDENTITY: &str = "identity";

/// The words that Mono documents for `data_status`.
pub(crate) const PROCESSING: &str = "PROCESSING";
pub(crate) const AVAILABLE: &str = "AVAILABLE";
pub(crate) const PARTIAL: &str = "PARTIAL";

/// Mono's copy of one bank account.
#[derive(Debug, Clone)]
pub(crate) struct LinkedAccount {
    pub(crate) id: String,
    /// Index into the banks' accounts.
    pub(crate) bank_account: usize,
    pub(crate) customer: String,
    pub(crate) reference: Option<String>,
    pub(crate) auth_method: String,
    pub(crate) generation: Generation,
    pub(crate) account_match: Option<bool>,
    /// `PROCESSING`, …; any word that a test forces.
    pub(crate) data_status: String,
    pub(crate) retrieved: Vec<&'static str>,
    /// How many lines of the bank's book the copied balance follows from.
    pub(crate) balance_lines: Option<usize>,
    /// How many lines of the bank's book are copied.
    pub(crate) transaction_lines: Option<usize>,
    /// Forced by a test; hides the bank's balance.
    pub(crate) balance_override: Option<i64>,
    /// What fetches of this account bring, when a test says so.
    pub(crate) outcome: Option<String>,
    /// Set by a test: the bank wants its user back before it answers again.
    pub(crate) reauth_required: bool,
    /// An analysis of the income has come to its end.
    pub(crate) income_analysed: bool,
    pub(crate) logged_in_at: Timestamp,
    pub(crate) linked_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) unlinked_at: Option<Timestamp>,
    pub(crate) last_sync: Option<Timestamp>,
    pub(crate) data_request_id: String,
}

impl LinkedAccount {
    /// True once data endpoints have something to show.
    pub(crate) fn is_processing(&self) -> bool {
        self.data_status.eq_ignore_ascii_case(PROCESSING)
    }

    pub(crate) fn add_retrieved(&mut self, part: &'static str) {
        if !self.retrieved.contains(&part) {
            self.retrieved.push(part);
        }
    }

    pub(crate) fn has(&self, part: &str) -> bool {
        self.retrieved.contains(&part)
    }
}
