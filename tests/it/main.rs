//! The proxy from outside: the real router, a simulated Mono, a real store. Folders mirror the
//! HTTP API.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod admin;
mod cache;
mod callers;
mod checklist;
mod config;
mod events;
mod flows;
mod generated;
mod guard;
mod institutions;
mod link_sessions;
mod me;
#[path = "../fuzz/mutate.rs"]
mod mutate;
mod operations;
mod outbound;
mod pages;
mod postgres;
mod prune;
mod requests;
mod schedule;
mod security;
mod simulated;
mod unavailable;
mod webhooks;
