//! `POST /api/session`: makes sure that the visitor has a session.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::body::{Json, Nothing};
use super::caller::CallerOrNobody;
use super::error::ApiError;
use super::state::AppState;

/// Makes sure that the visitor has a session.
///
/// Where visitors are anonymous, the first call sets the session cookie. Where the site's own login
/// decides, a call without a login is 401.
#[utoipa::path(
    post,
    path = "/session",
    operation_id = "start_session",
    tag = "Session",
    request_body(content = Nothing),
    responses(
        (status = 204, description = "There is a session; a new one comes with `set-cookie`."),
    ),
    security((), ("session" = []), ("login" = [])),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    CallerOrNobody(user): CallerOrNobody,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, ApiError> {
    if user.is_some() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let new = state
        .callers
        .welcome(state.random.as_ref(), state.clock.now())?;
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, new.set_cookie)],
    )
        .into_response())
}
