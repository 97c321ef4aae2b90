//! What there is to see.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::{answer, done};
use crate::engine::App;
use crate::world::{INSTITUTIONS, World};

pub(super) async fn state(State(app): State<App>) -> Json<Value> {
    Json(app.read(World::state))
}

pub(super) async fn account(State(app): State<App>, Path(id): Path<String>) -> Response {
    answer(app.read(|world| world.account_state_of(&id)))
}

pub(super) async fn institutions(State(app): State<App>) -> Json<Value> {
    Json(app.read(|world| {
        let shown = INSTITUTIONS.iter().map(|institution| {
            let users = world.banks.users.iter().enumerate();
            let users = users.filter(|(_, user)| user.institution == institution.id);
            let users: Vec<Value> = users
                .map(|(index, user)| {
                    let accounts = world.banks.accounts_of(index);
                    let accounts: Vec<Value> = accounts
                        .into_iter()
                        .map(|a| &world.banks.accounts[a])
                        .map(|a| json!({ "number": a.number, "type": a.kind, "name": a.name }))
                        .collect();
                    json!({ "username": user.username, "name": user.full_name,
                            "bvn": user.bvn, "accounts": accounts })
                })
                .collect();
            json!({
                "id": institution.id,
                "name": institution.name,
                "identifier": institution.identifier,
                "type": institution.kind,
                "bank_code": institution.bank_code,
                "auth_methods": institution.auth_methods,
                "mfa": world.asks_for_otp(institution),
                "outcome": world.institution_change(institution.id).outcome,
                "users": users,
            })
        });
        json!({ "institutions": shown.collect::<Vec<_>>() })
    }))
}

pub(super) async fn requests(State(app): State<App>) -> Json<Value> {
    Json(app.read(|world| json!({ "requests": world.requests.iter().collect::<Vec<_>>() })))
}

pub(super) async fn forget_requests(State(app): State<App>) -> Response {
    app.change(|world| world.requests.clear());
    done(Ok(()))
}

pub(super) async fn deliveries(State(app): State<App>) -> Json<Value> {
    Json(app.read(|world| json!({ "deliveries": world.deliveries.iter().collect::<Vec<_>>() })))
}
