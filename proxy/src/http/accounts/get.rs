//! `GET /api/accounts/{id}`: one account.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::account::Account;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(in crate::http) async fn get(
    State(state): State<AppState>,
    target: Target,
) -> Result<Json<Account>, ApiError> {
    Ok(Json(
        state.accounts.get(&target.user, &target.account).await?,
    ))
}
