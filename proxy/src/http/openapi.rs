//! The document of the HTTP API (OpenAPI 3.1), made from the routes themselves.
//!
//! A route brings its own part: `#[utoipa::path]` above its handler. What surrounds a whole area
//! (who may call, what every call can be refused with) is added here, once per area, and so are the
//! examples. `x-problems` above a handler lists the codes that this operation can be refused with
//! besides; it is not part of what is published.

mod area;
mod examples;
mod operation;
mod page;
mod schema;

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use utoipa::openapi::RefOr;

use area::Area;

static DOCUMENT: LazyLock<Value> = LazyLock::new(build);

/// The document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The document of this API.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "openapi_document",
    tag = "Document",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object)),
    security(()),
)]
pub(super) async fn json() -> impl IntoResponse {
    axum::Json(document())
}

/// The document of this API, to be read by people.
#[utoipa::path(
    get,
    path = "/docs",
    operation_id = "docs",
    tag = "Document",
    responses((status = 200, description = "A page.", content_type = "text/html; charset=utf-8", body = String)),
    security(()),
)]
pub(super) async fn docs() -> Response {
    static PAGE: LazyLock<String> = LazyLock::new(|| page::render(document()));
    static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| policy().parse().ok());
    let mut response = axum::response::Html(PAGE.as_str()).into_response();
    if let Some(policy) = POLICY.clone() {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The page loads nothing; it may have its own style, and no other.
fn policy() -> String {
    use base64::Engine as _;
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(page::STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

fn build() -> Value {
    let mut schemas = Map::new();
    let mut paths: Map<String, Value> = Map::new();
    let mut refusals = Map::new();
    for area in area::all() {
        let Area { prefix, routes, .. } = &area;
        let mut part = value(routes().into_openapi());
        schemas.append(&mut take_object(&mut part["components"]["schemas"]));
        for (path, mut item) in take_object(&mut part["paths"]) {
            let path = format!("{prefix}{path}");
            if let Value::Object(operations) = &mut item {
                for (method, operation) in operations {
                    operation::complete(operation, method, &path, &area, &mut refusals);
                }
            }
            paths.insert(path, item);
        }
    }
    for (name, schema) in area::further_schemas() {
        schemas.insert(name, value::<RefOr<_>>(schema));
    }
    schema::complete(&mut schemas, &paths);
    let mut webhooks = take_object(&mut area::webhooks());
    for operation in operations(&mut paths).chain(operations(&mut webhooks)) {
        schema::may_leave_out(operation, &schemas);
        examples::give(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": info(),
        "servers": [{"url": "/", "description": "The public listener of the proxy."}],
        "tags": area::tags(),
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": schemas,
            "responses": refusals,
            "headers": operation::headers(),
            "securitySchemes": area::security_schemes(),
        },
    })
}

fn info() -> Value {
    json!({
        "title": "mono-connect",
        "version": env!("CARGO_PKG_VERSION"),
        "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        "description": "Links users' bank accounts through Mono Connect and reads them for a \
            website. Not an official Mono product.\n\n\
            Field names are snake_case, times RFC 3339 in UTC, amounts integers in the currency's \
            minor unit. A field that may be null is always there. Later versions may add fields and \
            words: ignore what you do not know.\n\n\
            Every refusal is a problem (RFC 9457) with a `code` of a closed list. Besides what the \
            operations list, a path that is none of these is 404 `not_found`, a method that a path \
            does not know is 405 `invalid_request`, and what is no HTTP is refused before it is \
            looked at. `HEAD` is answered where `GET` is.",
    })
}

fn value<T: serde::Serialize>(part: T) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}

fn take_object(value: &mut Value) -> Map<String, Value> {
    match value.take() {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Every operation of these paths.
fn operations(paths: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    paths
        .values_mut()
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

#[cfg(test)]
mod tests;
