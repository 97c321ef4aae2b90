//! What every request and every answer has: an id, a log line, headers, and a readable problem.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use tracing::Instrument as _;
use tracing::field::Empty;

use super::error::ApiError;
use super::state::AppState;
use super::trace;
use crate::random;
use crate::telemetry::{Budget, traces};

/// Where a connection comes from; put on every request by the server.
#[derive(Debug, Clone, Copy)]
pub struct PeerAddress(pub SocketAddr);

/// What names the request in the log, and in its answer.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every answer of the public listener.
pub(super) async fn wrap(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    // Ours always: a caller's own id could forge log lines.
    let id = random::name(state.random.as_ref(), "").unwrap_or_else(|_| "none".to_owned());
    let caller = trace::caller(request.headers());
    // The route, not the path: paths hold account ids.
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
    // Whatever is logged on the way can be found by them, even where only errors are logged.
    let span = tracing::error_span!("request", request_id = id, trace_id = Empty);
    let exported = if state.traced {
        traces::request_begins(&span, caller, request.method().as_str(), route)
    } else {
        None
    };
    let trace_id = exported.or_else(|| caller.map(|caller| caller.trace_id.to_owned()));
    if let Some(trace_id) = &trace_id {
        span.record("trace_id", trace_id);
    }
    let line = Line {
        method: request.method().to_string(),
        route: route.unwrap_or("none").to_owned(),
        trace_id,
        id,
    };
    request.extensions_mut().insert(RequestId(line.id.clone()));
    let mut response = next.run(request).instrument(span.clone()).await;
    let error = response.extensions_mut().remove::<ApiError>();
    if let Some(error) = &error {
        response = with_problem(response, error, &line.id);
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&line.id) {
        headers.insert(REQUEST_ID, id);
    }
    state.headers.complete(headers);
    let metrics = &state.metrics;
    let status = response.status();
    metrics.request_answered(
        &line.method,
        &line.route,
        status.as_u16(),
        started.elapsed(),
    );
    if let Some(error) = error
        .as_ref()
        .filter(|_| status == StatusCode::TOO_MANY_REQUESTS)
    {
        metrics.budget_refused(if error.is_of_account() {
            Budget::Account
        } else {
            Budget::Caller
        });
    }
    line.write(status, started.elapsed(), error.as_ref());
    if state.traced {
        let code = error.as_ref().map(|error| error.code.as_str());
        traces::request_answered(&span, status.as_u16(), code);
    }
    response
}

/// Keeps the answer's headers (CORS, `allow`) and writes the problem as its body.
fn with_problem(response: Response, error: &ApiError, request_id: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if let Some(seconds) = error.retry_after_seconds() {
        parts
            .headers
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    match serde_json::to_vec(&error.problem(request_id)) {
        Ok(body) => Response::from_parts(parts, body.into()),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The one log line of a request.
struct Line {
    id: String,
    trace_id: Option<String>,
    method: String,
    route: String,
}

impl Line {
    fn write(&self, status: StatusCode, elapsed: Duration, error: Option<&ApiError>) {
        let Self {
            id,
            trace_id,
            method,
            route,
        } = self;
        let status = status.as_u16();
        // A number in JSON, too: 128 bits would be written as text.
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let code = error.map(|error| error.code.as_str());
        let cause = error.and_then(|error| error.cause.as_deref()).map(chain);
        if status >= 500 {
            tracing::error!(
                request_id = id,
                trace_id,
                method,
                route,
                status,
                elapsed_ms,
                code,
                cause,
                "answered"
            );
        } else {
            tracing::info!(
                request_id = id,
                trace_id,
                method,
                route,
                status,
                elapsed_ms,
                code,
                cause,
                "answered"
            );
        }
    }
}

/// The error and its sources, in words that never hold a value.
fn chain(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
