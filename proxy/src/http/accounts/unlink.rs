//! `DELETE /api/accounts/{id}`.

use axum::extract::State;
use axum::http::StatusCode;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// Unlinks an account at Mono, then erases it here.
#[utoipa::path(
    delete,
    path = "/accounts/{id}",
    operation_id = "unlink",
    tag = "Accounts",
    responses(
        (status = 204, description = "It is unlinked and erased."),
    ),
    extensions(("x-problems" = json!(["upstream"]))),
)]
pub(in crate::http) async fn unlink(
    State(state): State<AppState>,
    target: Target,
) -> Result<StatusCode, ApiError> {
    state.accounts.unlink(&target.user, &target.account).await?;
    Ok(StatusCode::NO_CONTENT)
}
