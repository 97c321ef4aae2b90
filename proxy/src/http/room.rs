//! Turns callers away while there is more to do than can be done: at once, so that those who were
//! let in are still served, and so that waiting takes no more memory than there is.
//!
//! Only what may wait for Mono or the database is counted. Webhooks, the streams of events, health
//! and static files are never turned away here.

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mono_connect_shared::problem::ErrorCode;
use tokio::sync::Semaphore;

use super::error::ApiError;
use super::state::AppState;
use crate::telemetry::Budget;

/// Calls that may wait for each of the calls to Mono.
const PER_UPSTREAM_CALL: usize = 2;

/// Fewer than this would turn away whoever only reads what is known.
const LEAST: usize = 64;

/// A stream lasts, and has limits of its own.
pub(super) const STREAM: &str = "/api/events";

/// When whoever was turned away may come again, in seconds.
const RETRY_AFTER: u64 = 1;

/// Places for calls that are worked on.
pub(super) struct Room(Semaphore);

impl Room {
    pub(super) fn new(upstream_concurrency: usize) -> Self {
        let places = upstream_concurrency.saturating_mul(PER_UPSTREAM_CALL);
        Self(Semaphore::new(places.clamp(LEAST, Semaphore::MAX_PERMITS)))
    }
}

/// Lets a call in if there is a place for it.
pub(super) async fn admit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    if route.is_some_and(|route| route.as_str() == STREAM) {
        return next.run(request).await;
    }
    let Ok(_place) = state.room.0.try_acquire() else {
        state.metrics.budget_refused(Budget::Proxy);
        return ApiError::new(
            ErrorCode::RateLimited,
            "The proxy has more to do than it can. Nothing was begun; the same call may be made again.",
        )
        .with_status(StatusCode::SERVICE_UNAVAILABLE)
        .retry_after(RETRY_AFTER)
        .into_response();
    };
    next.run(request).await
}
