//! `GET /api/accounts/{id}`: one account.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::account::Account;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// One account.
///
/// Asks Mono while the data is still being fetched, at most once in five seconds.
#[utoipa::path(
    get,
    path = "/accounts/{id}",
    operation_id = "get_account",
    tag = "Accounts",
    responses(
        (status = 200, description = "The account as it is known.", body = Account),
    ),
    extensions(("x-problems" = json!(["upstream"]))),
)]
pub(in crate::http) async fn get(
    State(state): State<AppState>,
    target: Target,
) -> Result<Json<Account>, ApiError> {
    Ok(Json(
        state.accounts.get(&target.user, &target.account).await?,
    ))
}
