//! Who is calling.

mod session;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use mono_connect_shared::id::UserId;
use mono_connect_shared::problem::ErrorCode;

use super::error::ApiError;
use super::state::AppState;

pub(super) use session::NewSession;
pub use session::SessionSigner;

/// What the request says about its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// A valid login.
    Known(UserId),
    /// No login at all.
    Nobody,
    /// A login that does not verify: never a new identity.
    Invalid,
}

/// Finds out who is calling, once per request.
pub(super) async fn identify(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let identity = state
        .sessions
        .identify(request.headers(), state.clock.now());
    request.extensions_mut().insert(identity);
    next.run(request).await
}

/// A caller with a valid login. Without one the call is 401, never a redirect.
#[derive(Debug)]
pub(super) struct Caller(pub(super) UserId);

/// A caller with a valid login, or somebody new.
#[derive(Debug)]
pub(super) struct CallerOrNobody(pub(super) Option<UserId>);

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let CallerOrNobody(user) = CallerOrNobody::from_request_parts(parts, state).await?;
        user.map(Self).ok_or_else(unauthenticated)
    }
}

impl FromRequestParts<AppState> for CallerOrNobody {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Known(user)) => Ok(Self(Some(user.clone()))),
            Some(Identity::Nobody) => Ok(Self(None)),
            Some(Identity::Invalid) | None => Err(unauthenticated()),
        }
    }
}

fn unauthenticated() -> ApiError {
    ApiError::new(
        ErrorCode::Unauthenticated,
        "There is no valid session. Start one first.",
    )
}
