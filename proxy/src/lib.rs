//! The server that holds Mono's secret key: links accounts for a site's users and reads them.
//!
//! This crate wires; see [`accounts`] for what it does, `http` for how it is asked, [`config`] for
//! what can be set.

pub mod accounts;
pub mod clock;
pub mod config;
mod events;
mod http;
mod inbox;
mod jobs;
mod outbox;
pub mod random;
pub mod telemetry;

mod run;

pub use http::{
    AppState, PeerAddress, Routes, admin_router, openapi_document, public_router, server,
};
pub use jobs::Jobs;
pub use outbox::ForbiddenTarget;
pub use run::{App, StartError, migrate, serve};
