//! `POST /v2/accounts/{id}/unlink` and `POST /accounts/{id}/unlink`.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::App;
use super::answer::refused;
use crate::clock::iso;

const MESSAGE: &str = "Account unlinked successfully";

pub(super) async fn v2(State(app): State<App>, Path(id): Path<String>) -> Response {
    let done = app.change(|world| world.unlink(&id).map(|()| iso(world.now())));
    match done {
        Ok(now) => {
            let body = json!({ "status": "successful", "message": MESSAGE, "timestamp": now });
            Json(body).into_response()
        }
        Err(refusal) => refused(&app, &refusal),
    }
}

pub(super) async fn v1(State(app): State<App>, Path(id): Path<String>) -> Response {
    match app.change(|world| world.unlink(&id)) {
        Ok(()) => Json(json!({ "message": MESSAGE })).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}
