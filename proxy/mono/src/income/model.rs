//! Sources of income.

use std::fmt;

/// What was found of an account's income.
#[derive(Debug, Clone, PartialEq)]
pub struct IncomeRecords {
    /// One for each source.
    pub records: Vec<IncomeRecord>,
    /// How many rows could not be read.
    pub skipped: usize,
}

/// One source of income. `Debug` shows neither the employer nor amounts.
#[derive(Clone, Default, PartialEq)]
pub struct IncomeRecord {
    /// `SALARY`, `WAGES`, `INCOME` or as it came.
    pub kind: Option<String>,
    /// Who pays.
    pub employer: Option<String>,
    /// What is paid at a time, in the currency's minor unit.
    pub amount: Option<i64>,
    /// What comes in a month, in the currency's minor unit.
    pub monthly_average: Option<i64>,
    /// `MONTHLY`, `VARIABLE` or as it came.
    pub frequency: Option<String>,
    /// The currency, `NGN` or as it came.
    pub currency: Option<String>,
    /// The first day of pay, `YYYY-MM-DD` where that can be told.
    pub first_date: Option<String>,
    /// The last day of pay, `YYYY-MM-DD` where that can be told.
    pub last_date: Option<String>,
    /// How regular it is, from 0 to 1.
    pub stability: Option<f64>,
}

impl fmt::Debug for IncomeRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomeRecord")
            .field("kind", &self.kind)
            .field("frequency", &self.frequency)
            .field("currency", &self.currency)
            .finish_non_exhaustive()
    }
}
