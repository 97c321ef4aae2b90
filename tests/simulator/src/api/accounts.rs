//! `GET /v2/accounts`: every linked account of the business.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::answer::enveloped;
use crate::world::{LinkedAccount, World};

pub(super) const PAGE_SIZE: usize = 10;

#[derive(Debug, Deserialize)]
pub(super) struct Parameters {
    page: Option<usize>,
}

pub(super) async fn v2(State(app): State<App>, Query(parameters): Query<Parameters>) -> Response {
    let page = parameters.page.unwrap_or(1).max(1);
    let body = app.read(|world| {
        let linked: Vec<&LinkedAccount> = world
            .accounts
            .values()
            .filter(|a| a.unlinked_at.is_none())
            .collect();
        let rows: Vec<Value> = linked
            .iter()
            .skip((page - 1).saturating_mul(PAGE_SIZE))
            .take(PAGE_SIZE)
            .map(|account| row(world, account))
            .collect();
        let mut body = enveloped(
            world.now(),
            "Data retrieved successfully",
            Value::Array(rows),
        );
        body["meta"] = paging(linked.len(), page, "https://api.withmono.com/v2/accounts/");
        body
    });
    Json(body).into_response()
}

/// `pages` is how many there are, not which one this is.
pub(super) fn paging(total: usize, page: usize, base: &str) -> Value {
    let pages = total.div_ceil(PAGE_SIZE);
    let previous = (page > 1).then(|| format!("{base}?page={}", page - 1));
    let next = (page < pages).then(|| format!("{base}?page={}", page + 1));
    json!({ "total": total, "pages": pages, "previous": previous, "next": next })
}

fn row(world: &World, account: &LinkedAccount) -> Value {
    let bank = world.bank_account(account);
    let customer = world.customers.get(&account.customer);
    json!({
        "id": account.id,
        "name": bank.name,
        "account_number": bank.number,
        "currency": bank.currency,
        "type": bank.kind,
        "balance": world.balance(account),
        "auth_method": account.auth_method,
        "status": world.status_word(account),
        "bvn": world.banks.bvn_of(account.bank_account),
        "institution": {
            "id": bank.institution.id,
            "name": bank.institution.name,
            "bank_code": bank.institution.bank_code,
            "type": bank.institution.kind,
        },
        "customer": {
            "id": account.customer,
            "name": customer.map(|c| c.name.as_str()),
            "email": customer.and_then(|c| c.email.as_deref()),
        },
    })
}
