//! `GET /api/accounts/{id}`: one account.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::account::Account;

use super::path::AccountPath;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(in crate::http) async fn get(
    State(state): State<AppState>,
    Caller(user): Caller,
    AccountPath(id): AccountPath,
) -> Result<Json<Account>, ApiError> {
    Ok(Json(state.accounts.get(&user, &id).await?))
}
