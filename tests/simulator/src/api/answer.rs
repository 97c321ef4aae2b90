//! The shapes around every answer: v2's envelope, and the errors.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::App;
use crate::clock::iso;
use crate::world::Refusal;

/// `{status:"successful", message, timestamp, data}`.
pub(super) fn enveloped(now: Timestamp, message: &str, data: impl Into<Value>) -> Value {
    let data = data.into();
    json!({ "status": "successful", "message": message, "timestamp": iso(now), "data": data })
}

/// `{status:"failed", message, timestamp, data:null}`.
pub(crate) fn failed(now: Timestamp, message: &str) -> Value {
    json!({ "status": "failed", "message": message, "timestamp": iso(now), "data": null })
}

/// The 200 without data of July 2024.
pub(crate) fn enqueued(now: Timestamp) -> Value {
    let message =
        "Account transaction sync is enqueued, please try again once notified via webhook";
    enveloped(now, message, Value::Null)
}

/// An error with the status that belongs to its reason.
pub(super) fn refused(app: &App, refusal: &Refusal) -> Response {
    let now = app.read(crate::world::World::now);
    let message = refusal.to_string();
    let unknown_is_400 = app.read(|world| world.settings.dialect.unknown_account_is_400);
    match refusal {
        Refusal::InvalidFields(fields) => return invalid_fields(app, now, fields),
        Refusal::UnknownAccount if unknown_is_400 => {
            (StatusCode::BAD_REQUEST, Json(failed(now, &message)))
        }
        Refusal::UnknownAccount => {
            let body = json!({ "status": "resource_not_found", "message": message, "data": null });
            (StatusCode::NOT_FOUND, Json(body))
        }
        Refusal::UnknownJob => (StatusCode::NOT_FOUND, Json(failed(now, &message))),
        Refusal::SyncTooSoon => (StatusCode::TOO_MANY_REQUESTS, Json(failed(now, &message))),
        _ => (StatusCode::BAD_REQUEST, Json(failed(now, &message))),
    }
    .into_response()
}

/// 400 with one entry per wrong field.
fn invalid_fields(app: &App, now: Timestamp, fields: &[(&str, &str)]) -> Response {
    let list: Vec<Value> = fields
        .iter()
        .map(|(field, message)| json!({ "field": field, "message": message }))
        .collect();
    let in_errors = app.read(|world| world.settings.dialect.field_errors_in_errors);
    let mut body = failed(now, "Validation error");
    body[if in_errors { "errors" } else { "data" }] = Value::Array(list);
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
