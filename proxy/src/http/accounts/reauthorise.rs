//! `POST /api/accounts/{id}/reauthorise`: lets the user log in to the bank again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mono_connect_shared::reauthorise::Reauthorisation;

use super::path::Target;
use crate::http::body::{self, Nothing};
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// Lets the user log in to the bank again.
///
/// What the widget is given depends on the configuration. Whether the login succeeded is Mono's to say:
/// watch the account.
#[utoipa::path(
    post,
    path = "/accounts/{id}/reauthorise",
    operation_id = "reauthorise",
    tag = "Accounts",
    request_body(content = Nothing),
    responses(
        (status = 201, description = "What to hand to the widget, or where to go.", body = Reauthorisation),
    ),
    extensions(("x-problems" = json!(["not_supported", "upstream"]))),
)]
pub(in crate::http) async fn reauthorise(
    State(state): State<AppState>,
    target: Target,
    body::Json(Nothing {}): body::Json<Nothing>,
) -> Result<(StatusCode, Json<Reauthorisation>), ApiError> {
    Ok((
        StatusCode::CREATED,
        Json(
            state
                .accounts
                .reauthorise(&target.user, &target.account)
                .await?,
        ),
    ))
}
