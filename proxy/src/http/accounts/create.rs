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

/// Exchanges the widget's code for an account.
///
/// The same call again by the same user answers with the same account.
#[utoipa::path(
    post,
    path = "/accounts",
    operation_id = "exchange_code",
    tag = "Linking",
    request_body(content = ExchangeRequest),
    responses(
        (status = 201, description = "Linked now.", body = Account),
        (status = 200, description = "This user exchanged this code before.", body = Account),
    ),
    extensions(("x-problems" = json!(["link_session_invalid", "code_already_used", "reference_mismatch", "code_expired", "upstream"]))),
)]
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
