//! Moving the clock.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::bad_request;
use crate::clock::{iso, parse_duration};
use crate::engine::App;
use crate::world::World;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    advance: Option<String>,
    advance_ms: Option<u64>,
}

pub(super) async fn show(State(app): State<App>) -> Response {
    Json(json!({ "now": iso(app.read(World::now)) })).into_response()
}

/// Answers when everything that fell due has happened, webhooks included.
pub(super) async fn advance(State(app): State<App>, Json(body): Json<Advance>) -> Response {
    let by = match (body.advance, body.advance_ms) {
        (Some(text), None) => match parse_duration(&text) {
            Ok(by) => by,
            Err(error) => return bad_request(error),
        },
        (None, Some(ms)) => Duration::from_millis(ms),
        _ => return bad_request("give either advance or advance_ms"),
    };
    app.advance(by).await;
    show(State(app)).await
}
