//! `POST /api/accounts/{id}/sync`: asks for fresh data now.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::transaction::SyncOutcome;

use super::path::Target;
use crate::http::body::{self, Nothing};
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// Asks for fresh data now.
///
/// One in two minutes per account with Mono's v1, where an earlier one is 429; with v2 one in five
/// minutes, and an earlier one is answered with the job that runs or ran.
#[utoipa::path(
    post,
    path = "/accounts/{id}/sync",
    operation_id = "sync",
    tag = "Accounts",
    request_body(content = Nothing),
    responses(
        (status = 200, description = "How it ended, or that it goes on.", body = SyncOutcome),
    ),
    extensions(("x-problems" = json!(["reauthorisation_required", "rate_limited", "upstream"]))),
)]
pub(in crate::http) async fn sync(
    State(state): State<AppState>,
    target: Target,
    body::Json(Nothing {}): body::Json<Nothing>,
) -> Result<Json<SyncOutcome>, ApiError> {
    Ok(Json(
        state.accounts.sync(&target.user, &target.account).await?,
    ))
}
