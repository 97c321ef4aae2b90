//! A stateful simulator of Mono: its API in both generations, its widget, bank users, webhooks and time.
//!
//! Written from Mono's documents alone; it shares no type with any client, so that the two cannot share a mistake.
//! [`Simulator`] runs inside a test, the binary `mono-simulator` beside one.

mod api;
mod clock;
mod control;
mod engine;
mod faults;
mod options;
mod random;
mod routes;
mod sender;
mod server;
mod simulator;
mod widget;
mod world;

pub use clock::parse_duration;
pub use faults::{Fault, FaultKind};
pub use options::Options;
pub use simulator::{Simulator, StartError};
pub use world::{
    AccountChange, Attempt, CustomerRef, Delivery, DeliveryState, Dialect, Generation,
    HandmadeWebhook, Institution, InstitutionChange, KeyCheck, LinkAs, Linked, LoggedRequest,
    NewTransaction, Refusal, Settings, WebhookSettings,
};
