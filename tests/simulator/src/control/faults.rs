//! Ordering faults: one object, or a list of them.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{bad_request, done};
use crate::engine::App;
use crate::faults::Fault;

pub(super) async fn list(State(app): State<App>) -> Response {
    Json(app.read(|world| json!({ "faults": world.faults.ordered() }))).into_response()
}

pub(super) async fn order(State(app): State<App>, Json(body): Json<Value>) -> Response {
    let listed = if body.is_array() { body } else { json!([body]) };
    let faults: Vec<Fault> = match serde_json::from_value(listed) {
        Ok(faults) => faults,
        Err(error) => return bad_request(error),
    };
    app.change(|world| faults.into_iter().for_each(|fault| world.faults.add(fault)));
    list(State(app)).await
}

pub(super) async fn clear(State(app): State<App>) -> Response {
    app.change(|world| world.faults.clear());
    done(Ok(()))
}
