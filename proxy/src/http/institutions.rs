//! `GET /api/institutions`: the banks whose accounts can be linked.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::institution::Institutions;

use super::caller::Caller;
use super::error::ApiError;
use super::query::Query;
use super::state::AppState;

/// The banks whose accounts can be linked.
///
/// Kept for a day.
#[utoipa::path(
    get,
    path = "/institutions",
    operation_id = "list_institutions",
    tag = "Linking",
    responses(
        (status = 200, description = "The banks.", body = Institutions),
    ),
    extensions(("x-problems" = json!(["400 invalid_request", "upstream"]))),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    Caller(_): Caller,
    query: Query,
) -> Result<Json<Institutions>, ApiError> {
    query.finish()?;
    Ok(Json(state.accounts.institutions().await?))
}
