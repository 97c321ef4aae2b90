//! Jobs of Mono's that fetch fresh data: how one is doing.
//!
//! They are started by `realtime` calls, and their end is also told by a webhook.

mod api;
mod model;

#[cfg(test)]
mod tests;

pub use self::model::{Job, JobStatus};
