//! `GET /api/accounts/{id}/debits`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::history::History;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

pub(in crate::http) async fn debits(
    State(state): State<AppState>,
    target: Target,
    query: Query,
) -> Result<Json<History>, ApiError> {
    query.finish()?;
    let history = state.accounts.debits(&target.user, &target.account).await?;
    Ok(Json(history))
}
