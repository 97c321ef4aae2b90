//! `/_sim`: what a test or a demo does to the simulator from outside. No part of Mono.

mod acts;
mod faults;
mod inspect;
mod settings;
mod time;

use axum::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::engine::App;
use crate::world::Refusal;

/// The control API. It needs no key: the simulator belongs on loopback.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/_sim/state", get(inspect::state))
        .route("/_sim/institutions", get(inspect::institutions))
        .route(
            "/_sim/requests",
            get(inspect::requests).delete(inspect::forget_requests),
        )
        .route("/_sim/deliveries", get(inspect::deliveries))
        .route("/_sim/deliveries/{number}/replay", post(acts::replay))
        .route("/_sim/clock", get(time::show).post(time::advance))
        .route("/_sim/reset", post(acts::reset))
        .route("/_sim/codes", post(acts::link))
        .route(
            "/_sim/accounts/{id}",
            get(inspect::account).post(acts::change_account),
        )
        .route("/_sim/accounts/{id}/code", post(acts::code))
        .route("/_sim/accounts/{id}/refresh", post(acts::refresh))
        .route("/_sim/accounts/{id}/reauthorise", post(acts::reauthorise))
        .route("/_sim/accounts/{id}/unlink", post(acts::unlink))
        .route("/_sim/institutions/{which}", post(acts::change_institution))
        .route("/_sim/webhooks", post(acts::send_webhook))
        .route(
            "/_sim/faults",
            get(faults::list).post(faults::order).delete(faults::clear),
        )
        .route("/_sim/settings", get(settings::show).post(settings::change))
}

/// `{"error": …}` with 404 for what does not exist, 400 for what makes no sense.
fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::UnknownAccount | Refusal::UnknownInstitution(_) | Refusal::UnknownLink => {
            StatusCode::NOT_FOUND
        }
        _ => StatusCode::BAD_REQUEST,
    };
    (status, Json(json!({ "error": refusal.to_string() }))).into_response()
}

fn bad_request(error: impl std::fmt::Display) -> Response {
    (
        StatusCode::BAD_REQUEST,
        Json(json!({ "error": error.to_string() })),
    )
        .into_response()
}

/// An act without a result of its own.
fn done(result: Result<(), Refusal>) -> Response {
    answer(result.map(|()| json!({ "ok": true })))
}

fn answer(result: Result<Value, Refusal>) -> Response {
    match result {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(&refusal),
    }
}
