//! `GET /v2/accounts/{id}/identity` and `GET /accounts/{id}/identity`: who owns the account, as the bank knows them.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::answer::{enveloped, refused};
use crate::clock::iso;
use crate::random::{DIGITS, dice, word};
use crate::world::{IDENTITY, LinkedAccount, World};

const STREETS: &[&str] = &[
    "Allen Avenue, Ikeja",
    "Admiralty Way, Lekki",
    "Ring Road, Ibadan",
];

pub(super) async fn v2(State(app): State<App>, Path(id): Path<String>) -> Response {
    let body = app.read(|world| {
        let account = world.account(&id)?;
        let data = if shows(account) {
            data_v2(world, account)
        } else {
            Value::Null
        };
        Ok(enveloped(world.now(), "Data retrieved successfully", data))
    });
    match body {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}

pub(super) async fn v1(State(app): State<App>, Path(id): Path<String>) -> Response {
    let body = app.read(|world| {
        let account = world.account(&id)?;
        Ok(if shows(account) {
            body_v1(world, account)
        } else {
            json!({})
        })
    });
    match body {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}

fn shows(account: &LinkedAccount) -> bool {
    !account.is_processing() && account.has(IDENTITY)
}

/// What follows from the name alone, so that one person is the same at every bank.
struct Person {
    email: String,
    phone: String,
    gender: &'static str,
    dob: String,
    address: String,
}

fn person(world: &World, full_name: &str) -> Person {
    let mut rng = dice(world.identity.seed, &["identity", full_name]);
    let (year, month, day) = (rng.u16(1965..2002), rng.u8(1..=12), rng.u8(1..=28));
    Person {
        email: format!("{}@example.com", full_name.to_lowercase().replace(' ', ".")),
        phone: format!("080{}", word(&mut rng, DIGITS, 8)),
        gender: if rng.bool() { "male" } else { "female" },
        dob: format!("{year}-{month:02}-{day:02}"),
        address: format!("{} {}", rng.u8(1..99), STREETS[rng.usize(..STREETS.len())]),
    }
}

fn data_v2(world: &World, account: &LinkedAccount) -> Value {
    let user = &world.banks.users[world.bank_account(account).user];
    let person = person(world, &user.full_name);
    let address_key = if world.settings.dialect.address_line_1 {
        "address_line_1"
    } else {
        "address_line1"
    };
    json!({
        "full_name": user.full_name,
        "bvn": user.bvn,
        "email": person.email,
        "phone": person.phone,
        "gender": person.gender,
        "dob": person.dob,
        address_key: person.address,
        "state_of_origin": "Oyo",
        "lga_of_origin": "Ibadan North",
        "marital_status": "single",
        "created_at": iso(account.linked_at),
        "updated_at": iso(account.updated_at),
    })
}

fn body_v1(world: &World, account: &LinkedAccount) -> Value {
    let user = &world.banks.users[world.bank_account(account).user];
    let person = person(world, &user.full_name);
    json!({
        "fullName": user.full_name,
        "email": person.email,
        "phone": person.phone,
        "gender": person.gender,
        "dob": person.dob,
        "bvn": user.bvn,
        "maritalStatus": "single",
        "addressLine1": person.address,
        "addressLine2": null,
    })
}
