//! `DELETE /api/accounts/{id}`.

use axum::extract::State;
use axum::http::StatusCode;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(in crate::http) async fn unlink(
    State(state): State<AppState>,
    target: Target,
) -> Result<StatusCode, ApiError> {
    state.accounts.unlink(&target.user, &target.account).await?;
    Ok(StatusCode::NO_CONTENT)
}
