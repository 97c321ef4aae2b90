//! Who is calling.

mod address;
mod cookies;
mod forwarded;
mod jwks;
mod jwt;
mod session;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::UserId;
use mono_connect_shared::problem::ErrorCode;

use super::envelope::PeerAddress;
use super::error::ApiError;
use super::state::AppState;
use crate::config::{Access, Login, TrustedProxies};
use crate::random::Random;
use forwarded::ForwardedUsers;
use jwt::TokenVerifier;
use session::SessionSigner;

pub(super) use address::client_address;
pub(super) use cookies::Found;
pub(super) use jwt::bearer;
pub(super) use session::NewSession;

/// What the request says about its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// A valid login.
    Known {
        /// Whose.
        user: UserId,
        /// When it ends, if it says so.
        until: Option<Timestamp>,
    },
    /// The site's own back end, by the key of this name. Never a user, and under `/service` only.
    Service(Arc<str>),
    /// No login at all.
    Nobody,
    /// A login that does not verify: never a new identity.
    Invalid,
}

/// Tells callers apart, as it is configured.
pub(super) struct Callers {
    login: Verifier,
    pub(super) proxies: TrustedProxies,
}

enum Verifier {
    Session(SessionSigner),
    Jwt(TokenVerifier),
    Forwarded(ForwardedUsers),
}

impl Callers {
    /// As configured. `secure` when browsers come by https.
    pub(super) fn new(access: &Access, secure: bool) -> Result<Self, reqwest::Error> {
        let proxies = access.trusted_proxies.clone();
        let login = match &access.login {
            Login::Session(keys) => Verifier::Session(SessionSigner::new(keys, secure)),
            Login::Jwt(tokens) => Verifier::Jwt(TokenVerifier::new(tokens)?),
            Login::Forwarded(user) => {
                Verifier::Forwarded(ForwardedUsers::new(user, proxies.clone()))
            }
        };
        Ok(Self { login, proxies })
    }

    /// Makes somebody new known: where visitors are anonymous, nowhere else.
    pub(super) fn welcome(
        &self,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<NewSession, ApiError> {
        match &self.login {
            Verifier::Session(signer) => signer.mint(random, now).map_err(ApiError::internal),
            Verifier::Jwt(_) | Verifier::Forwarded(_) => Err(unauthenticated()),
        }
    }

    /// Ends the session of a caller of whom nothing is kept any more: where the cookie is ours.
    pub(super) fn farewell(&self) -> Option<HeaderValue> {
        match &self.login {
            Verifier::Session(signer) => signer.end(),
            Verifier::Jwt(_) | Verifier::Forwarded(_) => None,
        }
    }

    async fn identify(
        &self,
        parts: &Parts,
        now: Timestamp,
    ) -> Result<(Identity, Option<HeaderValue>), ApiError> {
        let identity = match &self.login {
            Verifier::Session(signer) => return Ok(signer.identify(&parts.headers, now)),
            Verifier::Jwt(verifier) => verifier.identify(&parts.headers, now).await?,
            Verifier::Forwarded(users) => users.identify(&parts.headers, peer(parts)),
        };
        Ok((identity, None))
    }
}

/// The other end of the connection.
fn peer(parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<PeerAddress>();
    peer.map(|peer| peer.0.ip())
}

/// Finds out who is calling, once per request, and renews a session that wants it.
pub(super) async fn identify(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let (identity, renewed) = match state.callers.identify(&parts, state.clock.now()).await {
        Ok(identified) => identified,
        Err(error) => return error.into_response(),
    };
    parts.extensions.insert(identity);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(renewed) = renewed {
        response
            .headers_mut()
            .entry(header::SET_COOKIE)
            .or_insert(renewed);
    }
    response
}

/// A caller with a valid login. Without one the call is 401, never a redirect.
#[derive(Debug)]
pub(super) struct Caller(pub(super) UserId);

/// A caller with a valid login, or somebody new.
#[derive(Debug)]
pub(super) struct CallerOrNobody(pub(super) Option<UserId>);

/// When the caller's login ends, if it says so.
#[derive(Debug)]
pub(super) struct LoginEnds(pub(super) Option<Timestamp>);

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
            Some(Identity::Known { user, .. }) => Ok(Self(Some(user.clone()))),
            Some(Identity::Nobody) => Ok(Self(None)),
            Some(Identity::Invalid | Identity::Service(_)) | None => Err(unauthenticated()),
        }
    }
}

impl FromRequestParts<AppState> for LoginEnds {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        Ok(match parts.extensions.get::<Identity>() {
            Some(Identity::Known { until, .. }) => Self(*until),
            _ => Self(None),
        })
    }
}

fn unauthenticated() -> ApiError {
    ApiError::new(
        ErrorCode::Unauthenticated,
        "There is no valid login. Log in, or start a session, first.",
    )
}
