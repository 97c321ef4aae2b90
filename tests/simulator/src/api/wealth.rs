//! `assets` and `earnings`. Bank accounts have few: one fund at Kuda, with its interest, and nothing elsewhere.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::answer::{enveloped, refused};
use crate::clock::iso;
use crate::world::{LinkedAccount, World};

pub(super) async fn assets_v2(State(app): State<App>, Path(id): Path<String>) -> Response {
    answer(&app, &id, |world, account| {
        in_envelope(world, assets(world, account))
    })
}

pub(super) async fn assets_v1(State(app): State<App>, Path(id): Path<String>) -> Response {
    answer(&app, &id, assets)
}

pub(super) async fn earnings_v2(State(app): State<App>, Path(id): Path<String>) -> Response {
    answer(&app, &id, |world, account| {
        in_envelope(world, earnings(world, account))
    })
}

pub(super) async fn earnings_v1(State(app): State<App>, Path(id): Path<String>) -> Response {
    answer(&app, &id, earnings)
}

fn answer(app: &App, id: &str, body: fn(&World, &LinkedAccount) -> Value) -> Response {
    match app.read(|world| Ok(body(world, world.account(id)?))) {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(app, &refusal),
    }
}

fn in_envelope(world: &World, data: Value) -> Value {
    enveloped(world.now(), "Data retrieved successfully", data)
}

fn assets(world: &World, account: &LinkedAccount) -> Value {
    let assets = if has_fund(world, account) {
        fund()
    } else {
        json!([])
    };
    json!({ "id": account.id, "balances": {}, "assets": assets })
}

fn earnings(world: &World, account: &LinkedAccount) -> Value {
    if !has_fund(world, account) {
        return json!([]);
    }
    json!([{
        "id": account.data_request_id,
        "amount": 412_300,
        "narration": "Interest on Naira Fund",
        "date": iso(account.linked_at),
        "asset": { "symbol": "NGNF", "name": "Naira Fund", "sale_price": 102, "quantity_sold": 0 },
    }])
}

fn has_fund(world: &World, account: &LinkedAccount) -> bool {
    !account.is_processing() && world.bank_account(account).institution.identifier == "kuda"
}

fn fund() -> Value {
    json!([{
        "name": "Naira Fund",
        "type": "FUND",
        "cost": 5_000_000,
        "return": 412_300,
        "quantity": 50_000,
        "currency": "NGN",
        "details": { "symbol": "NGNF", "price": 102, "current_balance": 5_412_300 },
    }])
}
