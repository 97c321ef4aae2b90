//! `GET /api/accounts/{id}/income`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::income::Income;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

pub(in crate::http) async fn income(
    State(state): State<AppState>,
    target: Target,
    query: Query,
) -> Result<Json<Income>, ApiError> {
    query.finish()?;
    let income = state.accounts.income(&target.user, &target.account).await?;
    Ok(Json(income))
}
