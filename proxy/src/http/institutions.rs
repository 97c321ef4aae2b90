//! `GET /api/institutions`: the banks whose accounts can be linked.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::institution::Institutions;

use super::caller::Caller;
use super::error::ApiError;
use super::query::Query;
use super::state::AppState;

pub(super) async fn list(
    State(state): State<AppState>,
    Caller(_): Caller,
    query: Query,
) -> Result<Json<Institutions>, ApiError> {
    query.finish()?;
    Ok(Json(state.accounts.institutions().await?))
}
