//! The real process: how it starts, refuses to start, is killed and ends; and the accept loop.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod collector;
mod connections;
mod encryption;
mod events;
mod faults;
mod full;
mod killed;
mod lifetime;
mod limits;
mod log;
mod process;
mod schedule;
mod start;
mod traces;
