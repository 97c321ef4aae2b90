//! The spans of calls, for traces. Named as OpenTelemetry has it, and without a word of what is sent
//! or answered.

use reqwest::StatusCode;
use tracing::Span;
use tracing::field::Empty;
use url::Url;

use super::route::Route;
use crate::error::Error;

/// The target of the spans that each attempt of a call has.
pub const SPANS: &str = "mono_client::spans";

/// Of one attempt, after so many others. Never the whole address: it holds ids.
pub(super) fn begins(route: Route<'_>, origin: &Url, repeats: u32) -> Span {
    tracing::info_span!(
        target: SPANS,
        "call",
        otel.name = route.name(),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = route.method().as_str(),
        http.request.resend_count = (repeats > 0).then_some(repeats),
        http.response.status_code = Empty,
        server.address = origin.host_str(),
        server.port = origin.port_or_known_default(),
        "error.type" = Empty,
    )
}

/// It was answered.
pub(super) fn answered(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
}

/// It came to nothing.
pub(super) fn failed(span: &Span, error: &Error) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", error.name());
}
