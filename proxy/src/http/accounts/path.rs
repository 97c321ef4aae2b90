//! The account's id in the path: never more than the allow-list passes.

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use mono_connect_shared::id::AccountId;

use crate::http::error::ApiError;

/// The `{id}` of the path.
pub(in crate::http) struct AccountPath(pub(super) AccountId);

impl<S: Send + Sync> FromRequestParts<S> for AccountPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(text)) => text.parse::<AccountId>().map_err(|error| error.to_string()),
            Err(_) => Err("cannot be read".to_owned()),
        };
        id.map(Self).map_err(|message| {
            ApiError::invalid_field("id", message).with_status(StatusCode::BAD_REQUEST)
        })
    }
}
