//! What the path names: ids that pass the allow-list, and whose account it is.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;
use mono_connect_shared::id::{AccountId, InvalidId, JobId, UserId};

use crate::http::caller::{Caller, Identity};
use crate::http::error::ApiError;
use crate::http::service::Used;
use crate::http::state::AppState;

/// The account that the path's `{id}` names, and the user whose it is.
///
/// Of a page that is the caller, and the account need not exist: the use case says so. Of the site's
/// back end it is whoever linked the account.
pub(in crate::http) struct Target {
    pub(in crate::http) user: UserId,
    pub(in crate::http) account: AccountId,
}

/// The `{user_id}` of the path.
pub(in crate::http) struct UserPath(pub(in crate::http) UserId);

/// The `{job_id}` of the path, also with the prefix that Mono's events write before it.
pub(in crate::http) struct JobPath(pub(in crate::http) JobId);

impl FromRequestParts<AppState> for Target {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if let Some(Identity::Service(_)) = parts.extensions.get() {
            let account = id(parts, state, "id", as_it_is).await?;
            let user = state.accounts.owner(&account).await?;
            if let Some(used) = parts.extensions.get::<Used>() {
                used.user(&user);
            }
            return Ok(Self { user, account });
        }
        let Caller(user) = Caller::from_request_parts(parts, state).await?;
        let account = id(parts, state, "id", as_it_is).await?;
        Ok(Self { user, account })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for UserPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        id(parts, state, "user_id", as_it_is).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for JobPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        id(parts, state, "job_id", mono_client::JobId::without_prefix)
            .await
            .map(Self)
    }
}

fn as_it_is(text: &str) -> &str {
    text
}

/// The id at this place of the path, or that part of it: never more than the allow-list passes.
async fn id<T, S>(
    parts: &mut Parts,
    state: &S,
    name: &str,
    part: fn(&str) -> &str,
) -> Result<T, ApiError>
where
    T: std::str::FromStr<Err = InvalidId>,
    S: Send + Sync,
{
    let wrong =
        |message: &str| ApiError::invalid_field(name, message).with_status(StatusCode::BAD_REQUEST);
    let path = RawPathParams::from_request_parts(parts, state).await;
    let path = path.map_err(|_| wrong("cannot be read"))?;
    let text = path.iter().find(|(key, _)| *key == name);
    let (_, text) = text.ok_or_else(|| wrong("is missing"))?;
    part(text)
        .parse()
        .map_err(|error: InvalidId| wrong(&error.to_string()))
}
