//! `GET /v2/accounts/{id}` and `GET /accounts/{id}`: the account and how far its data is.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::answer::{enveloped, refused};
use crate::world::{LinkedAccount, World};

pub(super) async fn v2(State(app): State<App>, Path(id): Path<String>) -> Response {
    let body = app.read(|world| {
        let account = world.account(&id)?;
        Ok(enveloped(
            world.now(),
            "Data retrieved successfully",
            data_v2(world, account),
        ))
    });
    match body {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}

pub(super) async fn v1(State(app): State<App>, Path(id): Path<String>) -> Response {
    match app.read(|world| world.account(&id).map(|account| body_v1(world, account))) {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}

fn data_v2(world: &World, account: &LinkedAccount) -> Value {
    let bank = world.bank_account(account);
    let institution = bank.institution;
    let code_key = if world.settings.dialect.camel_bank_code {
        "bankCode"
    } else {
        "bank_code"
    };
    let mut meta = json!({
        "data_status": world.status_word(account),
        "auth_method": account.auth_method,
        "retrieved_data": account.retrieved,
        "data_request_id": account.data_request_id,
    });
    if let Some(reference) = world.shown_reference(account) {
        meta["ref"] = json!(reference);
    }
    json!({
        "account": {
            "id": account.id,
            "name": bank.name,
            "account_number": bank.number,
            "currency": bank.currency,
            "balance": world.balance(account),
            "type": bank.kind,
            "bvn": world.bvn_last4(account),
            "institution": {
                "name": institution.name,
                code_key: institution.bank_code,
                "type": institution.kind,
            },
        },
        "customer": { "id": account.customer },
        "meta": meta,
    })
}

fn body_v1(world: &World, account: &LinkedAccount) -> Value {
    let bank = world.bank_account(account);
    json!({
        "meta": { "data_status": world.status_word(account) },
        "account": {
            "_id": account.id,
            "institution": {
                "name": bank.institution.name,
                "bankCode": bank.institution.bank_code,
                "type": bank.institution.kind,
            },
            "name": bank.name,
            "currency": bank.currency,
            "type": bank.kind,
            "accountNumber": bank.number,
            "balance": world.balance(account),
            "bvn": world.bvn_last4(account),
        },
    })
}
