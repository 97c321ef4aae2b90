//! `POST /api/accounts/{id}/sync`: asks for fresh data now.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::transaction::SyncOutcome;

use super::path::AccountPath;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(in crate::http) async fn sync(
    State(state): State<AppState>,
    Caller(user): Caller,
    AccountPath(id): AccountPath,
) -> Result<Json<SyncOutcome>, ApiError> {
    Ok(Json(state.accounts.sync(&user, &id).await?))
}
