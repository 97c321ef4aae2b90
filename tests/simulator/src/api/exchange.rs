//! `POST /v2/accounts/auth` and `POST /account/auth`: a code for an account id, once.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::answer::{enveloped, refused};
use crate::world::Refusal;

type Body = Result<Json<Value>, JsonRejection>;

pub(super) async fn v2(State(app): State<App>, body: Body) -> Response {
    let id = match exchange(&app, &body) {
        Ok(id) => id,
        Err(refusal) => return refused(&app, &refusal),
    };
    let data = json!({ "id": id });
    app.read(|world| {
        if world.settings.dialect.bare_exchange {
            Json(data).into_response()
        } else {
            let message = "Request was successfully completed";
            Json(enveloped(world.now(), message, data)).into_response()
        }
    })
}

pub(super) async fn v1(State(app): State<App>, body: Body) -> Response {
    match exchange(&app, &body) {
        Ok(id) => Json(json!({ "id": id })).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}

fn exchange(app: &App, body: &Body) -> Result<String, Refusal> {
    let body = body.as_ref().ok();
    let code = body
        .and_then(|Json(body)| body["code"].as_str())
        .ok_or_else(|| Refusal::InvalidFields(vec![("code", "code is required")]))?;
    app.change(|world| world.exchange(code))
}
