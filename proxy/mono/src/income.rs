//! What the holder of an account earns.
//!
//! The first generation answers at once. The second starts an analysis, tells its end by a webhook,
//! and is asked for the records after that.

mod api;
mod model;

#[cfg(test)]
mod tests;

pub(crate) use self::api::told;
pub use self::model::{IncomeRecord, IncomeRecords};
