//! Reading and changing settings; a change names only what differs.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::bad_request;
use crate::engine::App;

pub(super) async fn show(State(app): State<App>) -> Response {
    Json(app.read(|world| world.settings.clone())).into_response()
}

pub(super) async fn change(State(app): State<App>, Json(patch): Json<Value>) -> Response {
    let changed = app.change(|world| {
        let settings = world.settings.patched(patch)?;
        world.set_settings(settings.clone());
        Ok::<_, serde_json::Error>(settings)
    });
    match changed {
        Ok(settings) => Json(settings).into_response(),
        Err(error) => bad_request(error),
    }
}
