//! `GET /api/accounts/{id}/assets`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::wealth::Assets;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

/// What the account holds besides money.
#[utoipa::path(
    get,
    path = "/accounts/{id}/assets",
    operation_id = "assets",
    tag = "Data",
    responses(
        (status = 200, description = "The holdings.", body = Assets),
    ),
    extensions(("x-problems" = json!(["data_not_ready", "upstream"]))),
)]
pub(in crate::http) async fn assets(
    State(state): State<AppState>,
    target: Target,
    query: Query,
) -> Result<Json<Assets>, ApiError> {
    query.finish()?;
    let assets = state.accounts.assets(&target.user, &target.account).await?;
    Ok(Json(assets))
}
