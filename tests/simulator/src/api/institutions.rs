//! `GET /v3/institutions` and `GET /coverage`: which banks can be linked.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::answer::enveloped;
use crate::world::{INSTITUTIONS, Institution, World};

#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    scope: Option<String>,
    bank_code: Option<String>,
    auth_method: Option<String>,
}

impl Filter {
    fn keeps(&self, institution: &Institution) -> bool {
        let scope = self
            .scope
            .as_ref()
            .is_none_or(|scope| scope == "financial_data");
        let bank_code = self
            .bank_code
            .as_ref()
            .is_none_or(|code| code == institution.bank_code);
        let method = self
            .auth_method
            .as_ref()
            .is_none_or(|m| institution.auth_methods.contains(&m.as_str()));
        scope && bank_code && method
    }
}

pub(super) async fn v3(State(app): State<App>, Query(filter): Query<Filter>) -> Response {
    let shown: Vec<Value> = INSTITUTIONS
        .iter()
        .filter(|i| filter.keeps(i))
        .map(row_v3)
        .collect();
    let body = app.read(|world| {
        enveloped(
            world.now(),
            "Institutions retrieved successfully",
            Value::Array(shown),
        )
    });
    Json(body).into_response()
}

pub(super) async fn coverage(State(app): State<App>, Query(filter): Query<Filter>) -> Response {
    let shown: Vec<Value> = INSTITUTIONS
        .iter()
        .filter(|i| filter.keeps(i))
        .map(row_coverage)
        .collect();
    let body = json!({
        "status": "successful",
        "timestamp": crate::clock::iso(app.read(World::now)),
        "data": shown,
    });
    ([(ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(body)).into_response()
}

fn row_v3(institution: &Institution) -> Value {
    let methods: Vec<Value> = institution
        .auth_methods
        .iter()
        .map(|method| json!({ "type": method, "ui": { "title": title(method), "form": form() } }))
        .collect();
    json!({
        "_id": institution.id,
        "name": institution.name,
        "type": institution.kind,
        "icon": null,
        "identifier": institution.identifier,
        "nip_code": institution.nip_code,
        "country": "ng",
        "primary_color": institution.primary_color,
        "scope": [{ "name": "Financial Data", "type": "financial_data" }],
        "auth_methods": methods,
    })
}

fn row_coverage(institution: &Institution) -> Value {
    let methods: Vec<Value> = institution
        .auth_methods
        .iter()
        .map(|method| json!({ "type": method, "name": title(method), "identifier": method }))
        .collect();
    json!({
        "id": institution.id,
        "institution": institution.name,
        "type": institution.kind,
        "nip_code": institution.nip_code,
        "bank_code": institution.bank_code,
        "country": "ng",
        "auth_methods": methods,
        "scope": [{ "name": "Financial Data", "type": "financial_data" }],
    })
}

fn title(method: &str) -> &'static str {
    if method == "mobile_banking" {
        "Mobile Banking"
    } else {
        "Internet Banking"
    }
}

fn form() -> Value {
    json!([
        { "type": "elements.input", "name": "username", "hint": "Username", "contentType": "text" },
        { "type": "elements.input", "name": "password", "hint": "Password", "contentType": "password" },
    ])
}
