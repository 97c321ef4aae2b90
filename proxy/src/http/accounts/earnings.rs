//! `GET /api/accounts/{id}/earnings`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::wealth::Earnings;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

/// What the holdings of the account brought.
#[utoipa::path(
    get,
    path = "/accounts/{id}/earnings",
    operation_id = "earnings",
    tag = "Data",
    responses(
        (status = 200, description = "The earnings.", body = Earnings),
    ),
    extensions(("x-problems" = json!(["data_not_ready", "upstream"]))),
)]
pub(in crate::http) async fn earnings(
    State(state): State<AppState>,
    target: Target,
    query: Query,
) -> Result<Json<Earnings>, ApiError> {
    query.finish()?;
    let earnings = state
        .accounts
        .earnings(&target.user, &target.account)
        .await?;
    Ok(Json(earnings))
}
