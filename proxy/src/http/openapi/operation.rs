//! One operation, completed with what its area and its shape say.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use mono_connect_shared::account::DataStatus;
use mono_connect_shared::problem::{ErrorCode, FieldError};
use serde_json::{Map, Value, json};

use super::area::Area;
use super::{reference, value};
use crate::http::error::ApiError;
use crate::http::guard;

/// The name under which handlers list what they can be refused with.
const PROBLEMS: &str = "x-problems";

/// `refusals` collects the answers that many operations share.
pub(super) fn complete(
    operation: &mut Value,
    method: &str,
    path: &str,
    area: &Area,
    refusals: &mut Map<String, Value>,
) {
    let name = operation["operationId"].as_str().unwrap_or_default();
    operation["operationId"] = format!("{}{name}", area.naming).into();
    if area.prefix == "/service" {
        operation["tags"] = json!(["Back end"]);
    }
    if operation["security"].is_null() {
        let any = area.security.iter().map(|name| json!({*name: []}));
        operation["security"] = any.collect();
    }
    add_parameters(operation, method, path, area);
    if operation["responses"]["200"]["content"]["text/event-stream"].is_object() {
        describe_events(operation);
    }
    for (status, codes) in problems(operation, area) {
        let response = &mut operation["responses"][status.to_string()];
        if response.is_null() {
            let words: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
            let name = format!("{status}.{}", words.join("."));
            *response = json!({"$ref": format!("#/components/responses/{name}")});
            refusals
                .entry(name)
                .or_insert_with(|| refusal(status, &codes));
        }
    }
    if let Value::Object(operation) = operation {
        operation.remove(PROBLEMS);
    }
    add_headers(operation);
}

fn add_parameters(operation: &mut Value, method: &str, path: &str, area: &Area) {
    let mut parameters = Vec::new();
    for (name, schema, description) in [
        ("id", "AccountId", "Mono's id of the account."),
        ("job_id", "JobId", "Mono's id of the job."),
        ("user_id", "UserId", "The user, as the login names them."),
    ] {
        if path.contains(&format!("{{{name}}}")) {
            parameters.push(json!({
                "name": name, "in": "path", "required": true, "description": description,
                "schema": reference(schema),
            }));
        }
    }
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
    let exempt = method.is_ok_and(|method| guard::is_exempt(&method, path));
    if area.guarded && !exempt {
        parameters.push(json!({
            "name": guard::HEADER.as_str(), "in": "header", "required": true,
            "description": "Always `1`. No other site's form or image can send it.",
            "schema": {"type": "string", "const": "1"},
        }));
    }
    if let Value::Array(own) = operation["parameters"].take() {
        parameters.extend(own);
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    } else if let Value::Object(operation) = operation {
        operation.remove("parameters");
    }
}

/// What it can be refused with: by its area, by its shape, and by its own word.
fn problems(operation: &Value, area: &Area) -> BTreeMap<u16, Vec<ErrorCode>> {
    let mut words: Vec<String> = area.problems.iter().map(|&word| word.to_owned()).collect();
    let mut add = |more: &[&str]| words.extend(more.iter().map(|&word| word.to_owned()));
    if !area.prefix.is_empty() {
        let security = operation["security"].as_array();
        if security.is_some_and(|any| any.iter().any(|one| one != &json!({}))) {
            add(&["unauthenticated"]);
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            match (parameter["in"].as_str(), parameter["name"].as_str()) {
                (Some("path"), Some("id")) => add(&["400 invalid_request", "account_not_found"]),
                (Some("path" | "query"), _) => add(&["400 invalid_request"]),
                _ => {}
            }
        }
        if operation["requestBody"].is_object() {
            add(&[
                "400 invalid_request",
                "408 invalid_request",
                "invalid_request",
                "payload_too_large",
            ]);
        }
    }
    for word in operation[PROBLEMS].as_array().into_iter().flatten() {
        match word.as_str().unwrap_or_default() {
            "upstream" => add(&["upstream_error", "upstream_timeout", "upstream_unavailable"]),
            word => add(&[word]),
        }
    }
    let mut problems: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for (status, code) in words.iter().filter_map(|word| problem(word)) {
        let codes = problems.entry(status).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    problems
}

/// A code, after its status where that is not the code's usual one.
pub(super) fn problem(word: &str) -> Option<(u16, ErrorCode)> {
    let (status, word) = match word.split_once(' ') {
        Some((status, word)) => (Some(status.parse().ok()?), word),
        None => (None, word),
    };
    let code = ErrorCode::ALL.iter().find(|code| code.as_str() == word)?;
    Some((status.unwrap_or(code.status()), *code))
}

/// The answer of this status with one of these codes.
fn refusal(status: u16, codes: &[ErrorCode]) -> Value {
    let words: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let titles: Vec<_> = codes
        .iter()
        .map(|code| format!("`{}`: {}", code.as_str(), code.title()))
        .collect();
    let examples: Map<_, _> = codes
        .iter()
        .map(|code| {
            (
                code.as_str().to_owned(),
                json!({"value": example(*code, status)}),
            )
        })
        .collect();
    json!({
        "description": titles.join(" "),
        "headers": headers_of(status == 429 || status == 503),
        "content": {"application/problem+json": {
            "schema": {"allOf": [
                reference("Problem"),
                {"type": "object", "properties": {
                    "code": {"enum": words}, "status": {"const": status},
                }},
            ]},
            "examples": examples,
        }},
    })
}

/// A problem as it could be answered.
fn example(code: ErrorCode, status: u16) -> Value {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    let error = match code {
        ErrorCode::InvalidRequest if status == StatusCode::UNPROCESSABLE_ENTITY => {
            ApiError::invalid_fields(vec![FieldError {
                field: "reference".to_owned(),
                message: "is missing".to_owned(),
            }])
        }
        ErrorCode::DataNotReady => {
            crate::accounts::Error::DataNotReady(DataStatus::Processing).into()
        }
        ErrorCode::RateLimited | ErrorCode::UpstreamUnavailable => {
            ApiError::new(code, code.title()).retry_after(5)
        }
        _ => ApiError::new(code, code.title()),
    };
    value(error.with_status(status).problem("Zk3vWq8sT2mXr5Yb"))
}

fn describe_events(operation: &mut Value) {
    let content = &mut operation["responses"]["200"]["content"]["text/event-stream"];
    content["schema"]["description"] =
        "Server-sent events. `x-events` says which there are, and what the data of each is.".into();
    content["x-events"] = json!({
        "snapshot": reference("Accounts"),
        "account": reference("Account"),
        "job": reference("JobEvent"),
        "removed": reference("RemovedEvent"),
    });
}

fn add_headers(operation: &mut Value) {
    let Value::Object(responses) = &mut operation["responses"] else {
        return;
    };
    for (status, response) in responses {
        if response["$ref"].is_null() {
            response["headers"] = headers_of(status == "429" || status == "503");
        }
    }
}

fn headers_of(names_a_time: bool) -> Value {
    let names = ["x-request-id", "cache-control", "retry-after"];
    let names = &names[..if names_a_time { 3 } else { 2 }];
    names
        .iter()
        .map(|name| ((*name).to_owned(), header(name)))
        .collect()
}

fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

pub(super) fn headers() -> Value {
    json!({
        "x-request-id": {
            "description": "Names the request in the proxy's log.", "required": true,
            "schema": {"type": "string"},
        },
        "cache-control": {
            "description": "Nothing may keep the answer.", "required": true,
            "schema": {"type": "string", "pattern": "^no-store"},
        },
        "retry-after": {
            "description": "Seconds until it makes sense to try again.",
            "schema": {"type": "integer", "minimum": 0},
        },
    })
}
