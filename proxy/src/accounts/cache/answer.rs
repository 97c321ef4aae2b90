//! One answer of Mono's, of any type, with its time and its weight.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use mono_client::{
    Assets, Balance, Earnings, History, Identity, IncomeRecords, Statement, Transaction,
    TransactionPage,
};
use mono_connect_shared::Timestamp;

/// Data of Mono's that may be kept.
pub(in crate::accounts) trait Datum: Clone + Send + Sync + 'static {
    /// About how much memory it takes beyond its own size.
    fn weight(&self) -> usize;

    /// What Mono must have fetched for this to be believed, if it holds nothing: a list without any
    /// row, a balance that is null.
    fn rests_on(&self) -> Option<&'static str> {
        None
    }
}

impl Datum for Balance {
    fn weight(&self) -> usize {
        0
    }

    fn rests_on(&self) -> Option<&'static str> {
        self.balance.is_none().then_some("balance")
    }
}

impl Datum for TransactionPage {
    fn weight(&self) -> usize {
        rows(&self.rows)
    }

    fn rests_on(&self) -> Option<&'static str> {
        (self.rows.is_empty() && self.skipped == 0).then_some(TRANSACTIONS)
    }
}

impl Datum for Statement {
    fn weight(&self) -> usize {
        rows(&self.rows)
    }

    fn rests_on(&self) -> Option<&'static str> {
        (self.rows.is_empty() && self.skipped == 0).then_some(TRANSACTIONS)
    }
}

impl Datum for History {
    fn weight(&self) -> usize {
        self.months.len() * LARGE
    }

    fn rests_on(&self) -> Option<&'static str> {
        (self.months.is_empty() && self.skipped == 0).then_some(TRANSACTIONS)
    }
}

impl Datum for Identity {
    fn weight(&self) -> usize {
        LARGE
    }
}

impl Datum for IncomeRecords {
    fn weight(&self) -> usize {
        self.records.len() * LARGE
    }

    fn rests_on(&self) -> Option<&'static str> {
        (self.records.is_empty() && self.skipped == 0).then_some(TRANSACTIONS)
    }
}

impl Datum for Assets {
    fn weight(&self) -> usize {
        self.rows.len() * LARGE
    }

    fn rests_on(&self) -> Option<&'static str> {
        (self.rows.is_empty() && self.skipped == 0).then_some(TRANSACTIONS)
    }
}

impl Datum for Earnings {
    fn weight(&self) -> usize {
        self.rows.len() * LARGE
    }

    fn rests_on(&self) -> Option<&'static str> {
        (self.rows.is_empty() && self.skipped == 0).then_some(TRANSACTIONS)
    }
}

/// Whatever else Mono tells of an account, it finds in these.
const TRANSACTIONS: &str = "transactions";

/// For a thing with a few short texts.
const LARGE: usize = 256;

fn rows(rows: &[Transaction]) -> usize {
    rows.iter().map(|row| row.narration.len() + LARGE).sum()
}

/// An answer. Clones share it.
#[derive(Clone)]
pub(super) struct Answer {
    value: Arc<dyn Any + Send + Sync>,
    /// When Mono was asked: what it says is true at that time at least.
    pub(super) as_of: Timestamp,
    /// About how much memory it takes.
    pub(super) bytes: usize,
}

impl Answer {
    pub(super) fn new<T: Datum>(value: T, as_of: Timestamp) -> Self {
        Self {
            as_of,
            bytes: size_of::<T>() + value.weight(),
            value: Arc::new(value),
        }
    }

    /// None when it is of another type.
    pub(super) fn value<T: Datum>(&self) -> Option<T> {
        self.value.downcast_ref::<T>().cloned()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Answer")
            .field("as_of", &self.as_of)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
