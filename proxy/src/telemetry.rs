//! What the process says about itself.
//!
//! Values never reach a log: errors name what happened, not with what. Other crates speak only from
//! `warn` on, because at `trace` they print what goes over the wire.

mod metrics;
pub mod traces;

use std::io::IsTerminal as _;

use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use crate::config::{LogFormat, Logging};

pub use metrics::{
    Budget, DeliveryOutcome, Described, Metrics, OpenStream, SpanOutcome, Waiting, WebhookOutcome,
};
pub use traces::Traces;

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

/// Spans that are for traces only.
const NOT_LOGGED: &[&str] = &[traces::SPANS, mono_client::SPANS];

/// Starts logging to standard error, and exporting traces if they go anywhere. Later calls change
/// nothing.
pub fn start(logging: &Logging, traces: Option<&Traces>) {
    let others = OTHERS.iter().map(|name| format!("{name}=warn"));
    let not_logged = NOT_LOGGED.iter().map(|target| format!("{target}=off"));
    let filter =
        others
            .chain(not_logged)
            .fold(
                EnvFilter::new(&logging.filter),
                |filter, directive| match directive.parse() {
                    Ok(directive) => filter.add_directive(directive),
                    Err(_) => filter,
                },
            );
    let started = match traces {
        // The filter of everything: what is not logged is not made at all.
        None => registry().with(filter).with(lines(logging)).try_init(),
        Some(traces) => registry()
            .with(traces.layer())
            .with(lines(logging).with_filter(filter))
            .try_init(),
    };
    // A second start, in a test, keeps the first.
    drop(started);
    log_panics();
}

fn lines<S>(logging: &Logging) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let lines = fmt::layer()
        .with_span_events(FmtSpan::NONE)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match logging.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
    }
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
