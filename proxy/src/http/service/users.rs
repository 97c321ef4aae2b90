//! `/service/users/{user_id}`: everything that is kept of a user, to hand out or to erase.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mono_connect_shared::problem::FieldError;
use mono_connect_shared::service::UserExport;

use crate::accounts::Erasure;
use crate::http::accounts::UserPath;
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(super) async fn export(
    State(state): State<AppState>,
    UserPath(user): UserPath,
) -> Result<Json<UserExport>, ApiError> {
    Ok(Json(state.accounts.export(&user).await?))
}

pub(super) async fn erase(
    State(state): State<AppState>,
    UserPath(user): UserPath,
) -> Result<StatusCode, ApiError> {
    let failed = match state.accounts.erase_user(&user).await? {
        Erasure::Erased => return Ok(StatusCode::NO_CONTENT),
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
