//! `POST /accounts/{id}/reauthorise`: a token that lets the widget bring the account's user back.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::App;
use super::answer::refused;

pub(super) async fn v1(State(app): State<App>, Path(id): Path<String>) -> Response {
    match app.change(|world| world.issue_reauth_token(&id)) {
        Ok(token) => Json(json!({ "token": token })).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}
