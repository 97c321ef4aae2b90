//! `/api/me`: everything that is kept of the caller, to take away or to erase.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mono_connect_shared::problem::FieldError;
use mono_connect_shared::service::UserExport;

use super::caller::Caller;
use super::error::ApiError;
use super::state::AppState;
use crate::accounts::Erasure;

/// Everything that is kept of the caller.
///
/// What the site's own back end did with it is part of that.
#[utoipa::path(
    get,
    path = "/me/export",
    operation_id = "export_me",
    tag = "You",
    responses(
        (status = 200, description = "All of it; empty lists where nothing is kept.", body = UserExport),
    ),
)]
pub(super) async fn export(
    State(state): State<AppState>,
    Caller(user): Caller,
) -> Result<Json<UserExport>, ApiError> {
    Ok(Json(state.accounts.export(&user).await?))
}

/// Unlinks the caller's accounts at Mono, then erases everything of the caller.
///
/// What could be erased is erased also where some of it failed: make the same call again for the rest.
/// Where visitors are anonymous, the session ends.
#[utoipa::path(
    delete,
    path = "/me",
    operation_id = "erase_me",
    tag = "You",
    responses(
        (status = 204, description = "Nothing of the caller is left but what the back end's audit log says."),
    ),
    extensions(("x-problems" = json!(["upstream"]))),
)]
pub(super) async fn erase(
    State(state): State<AppState>,
    Caller(user): Caller,
) -> Result<Response, ApiError> {
    all_of_it(state.accounts.erase_user(&user).await?)?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(farewell) = state.callers.farewell() {
        response.headers_mut().insert(header::SET_COOKIE, farewell);
    }
    Ok(response)
}

/// Whether a user was erased, or which accounts are left and why.
pub(super) fn all_of_it(erasure: Erasure) -> Result<(), ApiError> {
    let failed = match erasure {
        Erasure::Erased => return Ok(()),
        Erasure::StillLinked(failed) => failed,
    };
    let fields = failed.iter().map(|(id, _)| FieldError {
        field: id.to_string(),
        message: "is still linked at Mono, and kept".to_owned(),
    });
    let fields = fields.collect();
    let first = failed.into_iter().next().map(|(_, error)| error.into());
    Err(ApiError::not_erased(first, fields))
}
