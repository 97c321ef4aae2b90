//! Health and readiness, for whoever runs the proxy.

use axum::extract::State;
use axum::http::StatusCode;

use super::state::AppState;

/// The process runs.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can serve: the database answers and it is not about to end.
pub(super) async fn readyz(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match state.accounts.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
        }
    }
}
