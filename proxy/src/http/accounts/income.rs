//! `GET /api/accounts/{id}/income`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::income::Income;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

/// What the account's holder earns.
///
/// With Mono's v2 the first call starts an analysis, which Mono finishes later: watch the account, or
/// ask again.
#[utoipa::path(
    get,
    path = "/accounts/{id}/income",
    operation_id = "income",
    tag = "Data",
    responses(
        (status = 200, description = "How far the analysis has come, and what it found.", body = Income),
    ),
    extensions(("x-problems" = json!(["data_not_ready", "upstream"]))),
)]
pub(in crate::http) async fn income(
    State(state): State<AppState>,
    target: Target,
    query: Query,
) -> Result<Json<Income>, ApiError> {
    query.finish()?;
    let income = state.accounts.income(&target.user, &target.account).await?;
    Ok(Json(income))
}
