//! Manual sync: has Mono fetch fresh data now (first generation only).
//!
//! How often that may be asked is the caller's to keep; the second generation has `realtime`.

mod api;
mod model;

#[cfg(test)]
mod tests;

pub use self::model::{SyncAnswer, SyncFailure, SyncOutcome};
