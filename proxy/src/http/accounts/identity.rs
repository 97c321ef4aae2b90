//! `GET /api/accounts/{id}/identity`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::identity::Identity;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

/// Who owns the account, as the bank knows them.
#[utoipa::path(
    get,
    path = "/accounts/{id}/identity",
    operation_id = "identity",
    tag = "Data",
    responses(
        (status = 200, description = "The holder.", body = Identity),
    ),
    extensions(("x-problems" = json!(["data_not_ready", "upstream"]))),
)]
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
