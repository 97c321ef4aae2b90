//! `POST /api/accounts/{id}/reauthorise`: lets the user log in to the bank again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mono_connect_shared::reauthorise::Reauthorisation;

use super::path::Target;
use crate::http::body::{self, Nothing};
use crate::http::error::ApiError;
use crate::http::state::AppState;

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
