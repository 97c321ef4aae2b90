//! The secret key: every call needs it in `mono-sec-key`.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{App, failed};
use crate::world::{KeyCheck, World};

/// Refuses calls without the right key.
pub(super) async fn require(State(app): State<App>, request: Request, next: Next) -> Response {
    let message = match check(&app, request.headers()) {
        KeyCheck::Right => return next.run(request).await,
        KeyCheck::Wrong => "Invalid API Key",
        KeyCheck::Missing => "API Key is missing in the request header",
    };
    let now = app.read(World::now);
    (StatusCode::UNAUTHORIZED, Json(failed(now, message))).into_response()
}

/// What the call brought.
pub(crate) fn check(app: &App, headers: &HeaderMap) -> KeyCheck {
    let Some(given) = headers.get("mono-sec-key") else {
        return KeyCheck::Missing;
    };
    let right = app.read(|world| given.as_bytes() == world.identity.secret_key.as_bytes());
    if right {
        KeyCheck::Right
    } else {
        KeyCheck::Wrong
    }
}
