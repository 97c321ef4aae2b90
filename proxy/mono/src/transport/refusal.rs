//! Reads what Mono says about a request that it refused.
//!
//! Every documented shape is understood and none is required: a body that is something else says
//! nothing.

use serde::Deserialize;

use crate::error::{Detail, FieldError};
use crate::secret::Redacted;
use crate::wire::{Lenient, Object, Text};

/// Longer texts are cut: they are for a person to read.
const TEXT_LIMIT: usize = 1024;
const FIELD_LIMIT: usize = 32;

/// What a refusal says.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    pub(super) detail: Detail,
    /// Whether it says that the account in the path does not exist, whatever the status.
    pub(super) account_is_unknown: bool,
    /// Whether it says that the job in the path does not exist.
    pub(super) job_is_unknown: bool,
}

#[derive(Deserialize, Default)]
struct Body {
    #[serde(default)]
    status: Text,
    #[serde(default)]
    message: Text,
    #[serde(default)]
    error_description: Text,
    #[serde(default)]
    error: Text,
    #[serde(default)]
    errors: Lenient<Vec<Lenient<Object<Field>>>>,
    #[serde(default)]
    data: Lenient<Vec<Lenient<Object<Field>>>>,
}

#[derive(Deserialize)]
struct Field {
    #[serde(default)]
    field: Text,
    #[serde(default)]
    message: Text,
}

pub(super) fn parse(body: &[u8]) -> Refusal {
    let Ok(Object(body)) = serde_json::from_slice::<Object<Body>>(body) else {
        return Refusal::default();
    };
    let message = body
        .message
        .or(body.error_description)
        .or(body.error)
        .into_option();
    let status = body.status.into_option();
    let account_is_unknown = status.as_deref() == Some("resource_not_found")
        || says_unknown(message.as_deref(), "account")
        || says_unlinked(message.as_deref());
    let job_is_unknown = says_unknown(message.as_deref(), "job");
    let lists = [body.errors, body.data]
        .into_iter()
        .filter_map(Lenient::into_option);
    let fields = lists
        .flatten()
        .filter_map(Lenient::into_option)
        .filter_map(field_error)
        .take(FIELD_LIMIT)
        .collect();
    let detail = Detail {
        message: message.map(cut).map(Redacted::new),
        fields,
    };
    Refusal {
        detail,
        account_is_unknown,
        job_is_unknown,
    }
}

fn field_error(Object(field): Object<Field>) -> Option<FieldError> {
    let message = field.message.into_option()?;
    let field = field.field.into_option().unwrap_or_default();
    Some(FieldError {
        field: Redacted::new(cut(field)),
        message: Redacted::new(cut(message)),
    })
}

/// Mono answers an unknown id with 404 in one place and with 400 and only a sentence in another.
fn says_unknown(message: Option<&str>, subject: &str) -> bool {
    let message = message.unwrap_or_default().to_ascii_lowercase();
    let invalid = format!("invalid {subject} id");
    message.contains(subject)
        && ["does not exist", "not found", invalid.as_str()]
            .iter()
            .any(|phrase| message.contains(phrase))
}

/// That an account was unlinked before; not that it could not be unlinked now.
fn says_unlinked(message: Option<&str>) -> bool {
    let message = message.unwrap_or_default().to_ascii_lowercase();
    message.contains("account")
        && [
            "already unlinked",
            "been unlinked",
            "is unlinked",
            "was unlinked",
        ]
        .iter()
        .any(|phrase| message.contains(phrase))
        && !message.contains(" not ")
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TEXT_LIMIT));
    text
}
