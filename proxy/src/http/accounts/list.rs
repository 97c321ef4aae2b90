//! `GET /api/accounts`: the caller's accounts.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::account::Accounts;

use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// The caller's accounts.
#[utoipa::path(
    get,
    path = "/accounts",
    operation_id = "list_accounts",
    tag = "Accounts",
    responses(
        (status = 200, description = "All of them, in the order in which they were linked.", body = Accounts),
    ),
)]
pub(in crate::http) async fn list(
    State(state): State<AppState>,
    Caller(user): Caller,
) -> Result<Json<Accounts>, ApiError> {
    Ok(Json(state.accounts.list(&user).await?))
}
