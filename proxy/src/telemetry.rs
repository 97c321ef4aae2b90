//! What the process says about itself.
//!
//! Values never reach a log: errors name what happened, not with what. Other crates speak only from
//! `warn` on, because at `trace` they print what goes over the wire.

mod metrics;

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::{LogFormat, Logging};

pub use metrics::{
    Budget, DeliveryOutcome, Described, Metrics, OpenStream, Waiting, WebhookOutcome,
};

/// Crates that see requests, answers or rows.
const OTHERS: &[&str] = &[
    "hyper",
    "hyper_util",
    "h2",
    "reqwest",
    "rustls",
    "sqlx",
    "tower",
    "tower_http",
    "axum",
];

/// Starts logging to standard error. Later calls change nothing.
pub fn start(logging: &Logging) {
    let filter = OTHERS.iter().fold(
        EnvFilter::new(&logging.filter),
        |filter, name| match format!("{name}=warn").parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        },
    );
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::NONE)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match logging.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init(),
    };
    // A second start, in a test, keeps the first.
    drop(started);
    log_panics();
}

/// Has panics logged by their place, and by nothing else of them.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        // The message may hold a value; the place is enough to find it.
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
}
