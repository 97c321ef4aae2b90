//! Real-time reads: what Mono has now, and a job that fetches what the bank has (second
//! generation only).
//!
//! How often a job may be started is the caller's to keep; how one is doing is told by `jobs`.

mod api;
mod headers;
mod model;

#[cfg(test)]
mod tests;

pub use self::model::{JobRef, Realtime};
