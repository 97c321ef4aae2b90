//! `GET /v2/accounts/{id}/balance`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::App;
use super::answer::{enqueued, enveloped, refused};
use super::jobs::realtime;
use crate::world::JobKind;

pub(super) async fn v2(
    State(app): State<App>,
    Path(id): Path<String>,
    asked: HeaderMap,
) -> Response {
    let headers = match realtime(&app, &id, JobKind::Balance, &asked) {
        Ok(headers) => headers,
        Err(refusal) => return refused(&app, &refusal),
    };
    let body = app.read(|world| {
        let account = world.account(&id)?;
        if account.is_processing() && world.settings.dialect.null_while_processing {
            return Ok(enqueued(world.now()));
        }
        let bank = world.bank_account(account);
        let data = json!({
            "id": account.id,
            "name": bank.name,
            "account_number": bank.number,
            "balance": world.balance(account),
            "currency": bank.currency,
        });
        Ok(enveloped(
            world.now(),
            "Request was succesfully completed",
            data,
        ))
    });
    match body {
        Ok(body) => (headers, Json(body)).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}
