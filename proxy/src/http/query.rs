//! Query strings, checked field by field: a misspelt filter that is ignored would show wrong data.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use mono_connect_shared::problem::FieldError;
use url::form_urlencoded;

use super::error::ApiError;

/// The parameters of a query string, taken out one by one.
pub(super) struct Query {
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Query {
    fn parse(text: &str) -> Self {
        let mut query = Self {
            values: BTreeMap::new(),
            errors: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let name = name.into_owned();
            if query
                .values
                .insert(name.clone(), value.into_owned())
                .is_some()
            {
                query.wrong(name, "is given twice");
            }
        }
        query
    }

    fn wrong(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    }

    /// Takes a parameter and parses it. What the parser says is the caller's to know.
    pub(super) fn take<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.values.remove(name)?;
        match parse(&value) {
            Ok(value) => Some(value),
            Err(message) => {
                self.wrong(name, message);
                None
            }
        }
    }

    /// Takes a yes or no; absent is no.
    pub(super) fn take_flag(&mut self, name: &'static str) -> bool {
        let flag = self.take(name, |value| match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        });
        flag.unwrap_or(false)
    }

    /// Says what is wrong with what was taken and with what nobody took.
    pub(super) fn finish(mut self) -> Result<(), ApiError> {
        for name in std::mem::take(&mut self.values).into_keys() {
            self.wrong(name, "is not known here");
        }
        if self.errors.is_empty() {
            return Ok(());
        }
        Err(ApiError::invalid_fields(self.errors).with_status(StatusCode::BAD_REQUEST))
    }
}

/// A whole number from 1 on, in digits: Rust would read `+5` as well.
pub(super) fn whole(text: &str, maximum: u32) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if (1..=maximum).contains(&number) && !text.starts_with('+') => Ok(number),
        _ => Err(format!("must be a whole number from 1 to {maximum}")),
    }
}
