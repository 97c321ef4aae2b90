//! `GET /api/accounts/{id}/identity`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::identity::Identity;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

pub(in crate::http) async fn identity(
    State(state): State<AppState>,
    target: Target,
    query: Query,
) -> Result<Json<Identity>, ApiError> {
    query.finish()?;
    let identity = state
        .accounts
        .identity(&target.user, &target.account)
        .await?;
    Ok(Json(identity))
}
