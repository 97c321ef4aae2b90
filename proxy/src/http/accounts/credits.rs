//! `GET /api/accounts/{id}/credits`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::history::History;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

/// What came into the account, month by month.
#[utoipa::path(
    get,
    path = "/accounts/{id}/credits",
    operation_id = "credits",
    tag = "Data",
    responses(
        (status = 200, description = "The months.", body = History),
    ),
    extensions(("x-problems" = json!(["data_not_ready", "upstream"]))),
)]
pub(in crate::http) async fn credits(
    State(state): State<AppState>,
    target: Target,
    query: Query,
) -> Result<Json<History>, ApiError> {
    query.finish()?;
    let history = state
        .accounts
        .credits(&target.user, &target.account)
        .await?;
    Ok(Json(history))
}
