//! `/v2/customers`: the business's customers. Unknown ids are answered 400, not 404, as Mono does.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::accounts::{PAGE_SIZE, paging};
use super::answer::refused;
use crate::world::{Customer, NewCustomer, Refusal};

#[derive(Debug, Deserialize)]
pub(super) struct Parameters {
    page: Option<usize>,
}

type Body<T> = Result<Json<T>, JsonRejection>;

pub(super) async fn create(State(app): State<App>, body: Body<NewCustomer>) -> Response {
    let created = read(body).and_then(|new| app.change(|world| world.create_customer(&new)));
    match created {
        Ok(customer) => {
            let body = answered("Customer created successfully", shown(&customer));
            (StatusCode::CREATED, Json(body)).into_response()
        }
        Err(refusal) => refused(&app, &refusal),
    }
}

pub(super) async fn list(State(app): State<App>, Query(asked): Query<Parameters>) -> Response {
    let page = asked.page.unwrap_or(1).max(1);
    let body = app.read(|world| {
        let skipped = (page - 1).saturating_mul(PAGE_SIZE);
        let rows: Vec<Value> = world
            .customers
            .values()
            .skip(skipped)
            .take(PAGE_SIZE)
            .map(shown)
            .collect();
        let mut body = answered("Customers retrieved successfully", Value::Array(rows));
        body["meta"] = paging(
            world.customers.len(),
            page,
            "https://api.withmono.com/v2/customers",
        );
        body
    });
    Json(body).into_response()
}

pub(super) async fn one(State(app): State<App>, Path(id): Path<String>) -> Response {
    let found = app.read(|world| world.customers.get(&id).map(shown));
    match found {
        Some(data) => Json(answered("Customer retrieved successfully", data)).into_response(),
        None => refused(&app, &Refusal::UnknownCustomer),
    }
}

pub(super) async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    body: Body<NewCustomer>,
) -> Response {
    let changed = read(body).and_then(|new| app.change(|world| world.change_customer(&id, new)));
    match changed {
        Ok(()) => Json(answered("Customer updated successfully", Value::Null)).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}

pub(super) async fn delete(State(app): State<App>, Path(id): Path<String>) -> Response {
    match app.change(|world| world.customers.remove(&id)) {
        Some(_) => Json(answered("Deleted customer successfully", Value::Null)).into_response(),
        None => refused(&app, &Refusal::UnknownCustomer),
    }
}

fn read(body: Body<NewCustomer>) -> Result<NewCustomer, Refusal> {
    let body = body.map_err(|_| Refusal::InvalidFields(vec![("body", "must be a JSON object")]));
    body.map(|Json(new)| new)
}

/// The customer pages print no `timestamp`.
fn answered(message: &str, data: impl Into<Value>) -> Value {
    let data = data.into();
    json!({ "status": "successful", "message": message, "data": data })
}

fn shown(customer: &Customer) -> Value {
    let mut object = json!({
        "id": customer.id,
        "email": customer.email,
        "phone": customer.phone,
        "address": customer.address,
        "identification_no": customer.bvn,
        "identification_type": "bvn",
        "bvn": customer.bvn,
    });
    if customer.business {
        object["type"] = json!("business");
        object["business_name"] = json!(customer.name);
    } else {
        let (first, last) = customer
            .name
            .split_once(' ')
            .unwrap_or((&customer.name, ""));
        object["name"] = json!(customer.name);
        object["first_name"] = json!(first);
        object["last_name"] = json!(last);
    }
    object
}
