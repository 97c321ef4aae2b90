//! `GET /metrics`, for whoever runs the proxy: never on the public listener.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::state::AppState;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A database that is stuck must not keep the rest from being seen.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn get(State(state): State<AppState>) -> Response {
    let waiting = tokio::time::timeout(STORE_PATIENCE, state.accounts.waiting()).await;
    state.metrics.waiting(waiting.ok().and_then(Result::ok));
    match state.metrics.render() {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
