//! `POST /api/accounts`: exchanges the widget's code.

use axum::extract::State;
use axum::http::StatusCode;
use mono_connect_shared::account::Account;
use mono_connect_shared::link::ExchangeRequest;

use crate::accounts::Linked;
use crate::http::body::Json;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(in crate::http) async fn create(
    State(state): State<AppState>,
    Caller(user): Caller,
    Json(request): Json<ExchangeRequest>,
) -> Result<(StatusCode, axum::Json<Account>), ApiError> {
    let (status, account) = match state.accounts.link(&user, request).await? {
        Linked::Now(account) => (StatusCode::CREATED, account),
        Linked::Before(account) => (StatusCode::OK, account),
    };
    Ok((status, axum::Json(account)))
}
