//! What a statement is asked for with, and what Mono says about it.

use std::fmt;

use url::Url;

use crate::accounts::Transaction;
use crate::id::JobId;

/// How far back a statement reaches, in months: 1 to 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period(u8);

/// A number of months that Mono makes no statement of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a statement reaches 1 to 12 months back")]
pub struct InvalidPeriod;

impl TryFrom<u8> for Period {
    type Error = InvalidPeriod;

    fn try_from(months: u8) -> Result<Self, InvalidPeriod> {
        match months {
            1..=12 => Ok(Self(months)),
            _ => Err(InvalidPeriod),
        }
    }
}

impl fmt::Display for Period {
    /// Mono's word: `last1month`, `last2months` …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "last{}month{plural}", self.0)
    }
}

/// An account's rows for some months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The rows that could be read, in Mono's order.
    pub rows: Vec<Transaction>,
    /// How many rows could not be read and are left out.
    pub skipped: usize,
    /// How many rows Mono says there are.
    pub count: Option<u64>,
    /// How many days were asked for.
    pub requested_days: Option<u32>,
    /// How many days the bank has.
    pub available_days: Option<u32>,
}

/// A statement as a PDF, which Mono builds in the background. `Debug` does not show where it is.
#[derive(Clone, PartialEq, Eq)]
pub struct StatementPdf {
    /// Names it when asking again.
    pub id: JobId,
    /// How far it has come.
    pub status: PdfStatus,
    /// Where it is or will be: an https address, or one of the origin that is called anyway. Whoever
    /// knows it can read the statement.
    pub url: Option<Url>,
}

impl fmt::Debug for StatementPdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatementPdf")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// How far a PDF has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PdfStatus {
    /// It is not ready.
    Building,
    /// It can be fetched.
    Ready,
    /// A word that Mono did not use when this was written, as it came.
    Other(String),
}
