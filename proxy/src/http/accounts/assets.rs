//! `GET /api/accounts/{id}/assets`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::wealth::Assets;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

pub(in crate::http) async fn assets(
    State(state): State<AppState>,
    target: Target,
    query: Query,
) -> Result<Json<Assets>, ApiError> {
    query.finish()?;
    let assets = state.accounts.assets(&target.user, &target.account).await?;
    Ok(Json(assets))
}
