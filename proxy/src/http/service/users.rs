//! `/service/users/{user_id}`: everything that is kept of a user, to hand out or to erase.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mono_connect_shared::service::UserExport;

use crate::http::accounts::UserPath;
use crate::http::error::ApiError;
use crate::http::me;
use crate::http::state::AppState;

/// Everything that is kept of a user.
#[utoipa::path(
    get,
    path = "/users/{user_id}/export",
    operation_id = "export_user",
    tag = "Back end",
    responses(
        (status = 200, description = "All of it; empty lists where nothing is kept.", body = UserExport),
    ),
)]
pub(super) async fn export(
    State(state): State<AppState>,
    UserPath(user): UserPath,
) -> Result<Json<UserExport>, ApiError> {
    Ok(Json(state.accounts.export(&user).await?))
}

/// Unlinks a user's accounts at Mono, then erases everything of the user.
///
/// What could be erased is erased also where some of it failed: make the same call again for the rest.
#[utoipa::path(
    delete,
    path = "/users/{user_id}",
    operation_id = "erase_user",
    tag = "Back end",
    responses(
        (status = 204, description = "Nothing of the user is left but the audit log."),
    ),
    extensions(("x-problems" = json!(["upstream"]))),
)]
pub(super) async fn erase(
    State(state): State<AppState>,
    UserPath(user): UserPath,
) -> Result<StatusCode, ApiError> {
    me::all_of_it(state.accounts.erase_user(&user).await?)?;
    Ok(StatusCode::NO_CONTENT)
}
