//! `credits` and `debits`: what came in and went out, month by month.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::answer::{enveloped, refused};
use crate::world::{LinkedAccount, World, date_of};

pub(super) async fn credits_v2(app: State<App>, id: Path<String>) -> Response {
    answer(&app, &id, true, true)
}

pub(super) async fn debits_v2(app: State<App>, id: Path<String>) -> Response {
    answer(&app, &id, false, true)
}

pub(super) async fn credits_v1(app: State<App>, id: Path<String>) -> Response {
    answer(&app, &id, true, false)
}

pub(super) async fn debits_v1(app: State<App>, id: Path<String>) -> Response {
    answer(&app, &id, false, false)
}

fn answer(app: &App, id: &str, credit: bool, envelope: bool) -> Response {
    let body = app.read(|world| {
        let flow = flow(world, world.account(id)?, credit);
        let message = "Data retrieved successfully";
        Ok(if envelope {
            enveloped(world.now(), message, flow)
        } else {
            flow
        })
    });
    match body {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(app, &refusal),
    }
}

fn flow(world: &World, account: &LinkedAccount, credit: bool) -> Value {
    let mut months: BTreeMap<(i16, i8), (i64, usize)> = BTreeMap::new();
    for entry in world
        .entries(account)
        .iter()
        .filter(|entry| entry.credit == credit)
    {
        let day = date_of(entry.at);
        let month = months.entry((day.year(), day.month())).or_default();
        month.0 += entry.amount;
        month.1 += 1;
    }
    let total: i64 = months.values().map(|(amount, _)| amount).sum();
    let history: Vec<Value> = months
        .iter()
        .rev()
        .map(|((year, month), (amount, count))| {
            let period = format!("{month:02}-{:02}", year % 100);
            json!({ "amount": amount, "period": period, "transaction_count": count })
        })
        .collect();
    json!({ "total": total, "history": history })
}
