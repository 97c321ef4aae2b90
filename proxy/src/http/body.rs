//! JSON bodies, checked field by field.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use mono_connect_shared::problem::ErrorCode;
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// Larger bodies are refused.
const MAXIMUM: usize = 64 * 1024;

/// A body of this size that takes longer is an attack or a dead connection.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A JSON body. An empty one is an empty object, so that where every field is optional the whole
/// body is.
pub(super) struct Json<T>(pub(super) T);

/// The body of a call that takes none: absent, empty or an empty object.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let is_json = is_json(&request);
        let body = Limited::new(request.into_body(), MAXIMUM).collect();
        let body = match tokio::time::timeout(TIMEOUT, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let detail = format!("The body is larger than {MAXIMUM} bytes.");
                return Err(ApiError::new(ErrorCode::PayloadTooLarge, detail));
            }
            Ok(Err(_)) => return Err(unreadable("The body broke off.")),
            Err(_) => {
                return Err(unreadable("The body did not come in time.")
                    .with_status(StatusCode::REQUEST_TIMEOUT));
            }
        };
        if body.is_empty() {
            return parse(b"{}").map(Self);
        }
        if !is_json {
            return Err(unreadable(
                "The header `content-type` must be `application/json`.",
            ));
        }
        parse(&body).map(Self)
    }
}

fn is_json(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        })
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // serde would read an array as the fields in their order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::invalid_field("body", "must be an object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            let (field, message) = field_error(&path, &error.to_string());
            ApiError::invalid_field(field, message)
        } else {
            unreadable("The body is no JSON.")
        }
    })?;
    deserializer
        .end()
        .map_err(|_| unreadable("Something follows the JSON in the body."))?;
    Ok(value)
}

/// The field and what is wrong with it, from serde's path and sentence, without what the sentence
/// quotes of the input: values are the user's, and do not belong into an answer or a log.
fn field_error(path: &str, sentence: &str) -> (String, String) {
    let sentence = sentence.split(" at line ").next().unwrap_or_default();
    let parent = if path == "." { "" } else { path };
    for (kind, message) in [
        ("missing field", "is missing"),
        ("unknown field", "is not known here"),
        ("duplicate field", "is given twice"),
    ] {
        let named = sentence
            .strip_prefix(kind)
            .and_then(|rest| rest.split('`').nth(1));
        if let Some(name) = named {
            return (join(parent, name), message.to_owned());
        }
    }
    let field = if parent.is_empty() { "body" } else { parent };
    let message = match sentence.split_once(": ") {
        Some((kind @ ("invalid type" | "invalid value" | "invalid length"), rest)) => {
            let expected = rest
                .rsplit_once("expected ")
                .map_or("something else", |(_, what)| what);
            format!("has an {kind}: expected {expected}")
        }
        _ => sentence.to_owned(),
    };
    (field.to_owned(), message)
}

/// The path of a field. serde's path ends with it in some cases and not in others.
fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else if parent == name || parent.ends_with(&format!(".{name}")) {
        parent.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

fn unreadable(detail: &'static str) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, detail).with_status(StatusCode::BAD_REQUEST)
}
