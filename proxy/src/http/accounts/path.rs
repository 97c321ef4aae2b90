//! Ids in the path: never more than the allow-list passes.

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use mono_connect_shared::id::{AccountId, InvalidId, JobId};

use crate::http::error::ApiError;

/// The `{id}` of the path.
pub(in crate::http) struct AccountPath(pub(super) AccountId);

/// The `{id}` and `{job_id}` of the path.
pub(in crate::http) struct JobPath(pub(super) AccountId, pub(super) JobId);

impl<S: Send + Sync> FromRequestParts<S> for AccountPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(id) = path.map_err(|_| wrong("id", "cannot be read"))?;
        parse("id", &id).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for JobPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((id, job)) = path.map_err(|_| wrong("job_id", "cannot be read"))?;
        Ok(Self(parse("id", &id)?, parse("job_id", &job)?))
    }
}

fn parse<T: std::str::FromStr<Err = InvalidId>>(field: &str, text: &str) -> Result<T, ApiError> {
    text.parse()
        .map_err(|error: InvalidId| wrong(field, &error.to_string()))
}

fn wrong(field: &str, message: &str) -> ApiError {
    ApiError::invalid_field(field, message).with_status(StatusCode::BAD_REQUEST)
}
