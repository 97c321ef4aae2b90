//! `GET …/income` and `…/income-records`. In v2 the call starts an analysis whose result comes by webhook.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::answer::{enveloped, refused};
use crate::world::Refusal;

pub(super) async fn v2(State(app): State<App>, Path(id): Path<String>) -> Response {
    let body = app.change(|world| {
        world.start_income(&id)?;
        let mut body = enveloped(
            world.now(),
            "The account's income is being analysed",
            Value::Null,
        );
        body["status"] = json!("processing");
        Ok(body)
    });
    answer(&app, body)
}

pub(super) async fn records_v2(State(app): State<App>, Path(id): Path<String>) -> Response {
    let body = app.read(|world| {
        let streams = world.income_streams(world.account(&id)?);
        Ok(enveloped(
            world.now(),
            "Data retrieved successfully",
            Value::Array(streams),
        ))
    });
    answer(&app, body)
}

pub(super) async fn v1(State(app): State<App>, Path(id): Path<String>) -> Response {
    let body = app.read(|world| {
        let account = world.account(&id)?;
        let Some(income) = world.income(account) else {
            return Ok(json!({}));
        };
        Ok(json!({
            "type": "INCOME",
            "amount": income.monthly_average,
            "employer": income.employer,
            "confidence": 0.95,
        }))
    });
    answer(&app, body)
}

fn answer(app: &App, body: Result<Value, Refusal>) -> Response {
    match body {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(app, &refusal),
    }
}
