//! `POST /api/accounts/{id}/sync`: asks for fresh data now.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::transaction::SyncOutcome;

use super::path::Target;
use crate::http::body::{self, Nothing};
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(in crate::http) async fn sync(
    State(state): State<AppState>,
    target: Target,
    body::Json(Nothing {}): body::Json<Nothing>,
) -> Result<Json<SyncOutcome>, ApiError> {
    Ok(Json(
        state.accounts.sync(&target.user, &target.account).await?,
    ))
}
