//! What Mono says about an account's months.

use std::fmt;

use crate::secret::Redacted;

/// Credits or debits month by month. `Debug` does not show the total.
#[derive(Clone, PartialEq, Eq)]
pub struct History {
    /// All months together, in the currency's minor unit.
    pub total: Option<i64>,
    /// The months that could be read, in Mono's order.
    pub months: Vec<Month>,
    /// How many months could not be read and are left out.
    pub skipped: usize,
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("total", &self.total.map(Redacted::new))
            .field("months", &self.months)
            .field("skipped", &self.skipped)
            .finish()
    }
}

/// One month. `Debug` does not show the amount.
#[derive(Clone, PartialEq, Eq)]
pub struct Month {
    /// Which one, as Mono writes it: `01-20` is January 2020.
    pub period: String,
    /// In the currency's minor unit.
    pub amount: i64,
    /// How many transactions; Mono says so since July 2022.
    pub transaction_count: Option<u64>,
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Month")
            .field("period", &self.period)
            .field("amount", &Redacted::new(self.amount))
            .field("transaction_count", &self.transaction_count)
            .finish()
    }
}
