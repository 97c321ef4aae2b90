//! What a span may tell. Whatever else a span of `tracing` holds stays in the process.

use opentelemetry_sdk::trace::SpanData;

/// The version of this program.
pub(super) const VERSION: &str = "service.version";
/// The method of a request, if it is a known one.
pub(super) const METHOD: &str = "http.request.method";
/// The template that the path fits.
pub(super) const ROUTE: &str = "http.route";
/// The same: a path holds ids.
pub(super) const PATH: &str = "url.path";
/// The status of an answer.
pub(super) const STATUS: &str = "http.response.status_code";
/// What went wrong, in a word of ours.
pub(super) const ERROR: &str = "error.type";

/// All that is exported.
const EXPORTED: &[&str] = &[
    METHOD,
    ROUTE,
    PATH,
    STATUS,
    ERROR,
    // How often a call was repeated before.
    "http.request.resend_count",
    // Of the configured addresses.
    "server.address",
    "server.port",
    // What an event is about, in a word of ours; which try this is.
    "mono_connect.event",
    "mono_connect.attempt",
    // Finds the request in the log.
    "request_id",
];

/// Takes everything out that is not on the list.
pub(super) fn keep_exported(span: &mut SpanData) {
    span.attributes
        .retain(|attribute| EXPORTED.contains(&attribute.key.as_str()));
    span.events = opentelemetry_sdk::trace::SpanEvents::default();
}
