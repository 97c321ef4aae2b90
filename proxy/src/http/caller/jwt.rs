//! Users of the site's own login, by a token that it signed.
//!
//! The algorithm belongs to the key, never to the token; the times are compared here, with our
//! clock. Whatever does not verify is refused without saying why.

use axum::http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use mono_connect_shared::problem::ErrorCode;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

use super::Identity;
use super::cookies::{self, Found};
use super::jwks::Jwks;
use crate::config::{PublicKey, TokenKeys, Tokens};
use crate::http::error::ApiError;

/// How far the clock of whoever signs may be from ours.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);

/// A longer token is none: it is read before anything about it is known.
const LONGEST: usize = 8 * 1024;

/// When it makes sense to come again while the keys cannot be had.
const RETRY_AFTER: u64 = 5;

/// Verifies tokens.
pub(super) struct TokenVerifier {
    keys: Keys,
    issuer: Option<String>,
    audience: Option<String>,
    user_claim: String,
    cookie: Option<String>,
}

enum Keys {
    One(PublicKey),
    Published(Jwks),
}

impl TokenVerifier {
    pub(super) fn new(tokens: &Tokens) -> Result<Self, reqwest::Error> {
        let keys = match &tokens.keys {
            TokenKeys::Secret(secret) => Keys::One(PublicKey {
                algorithm: Algorithm::HS256,
                key: DecodingKey::from_secret(secret.expose_secret().as_bytes()),
            }),
            TokenKeys::PublicKey(key) => Keys::One(key.clone()),
            TokenKeys::Jwks(url) => Keys::Published(Jwks::new(url.clone())?),
        };
        Ok(Self {
            keys,
            issuer: tokens.issuer.clone(),
            audience: tokens.audience.clone(),
            user_claim: tokens.user_claim.clone(),
            cookie: tokens.cookie.clone(),
        })
    }

    /// Who is calling. Fails only where the keys cannot be had.
    pub(super) async fn identify(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Identity, ApiError> {
        let token = match self.token(headers) {
            Found::None => return Ok(Identity::Nobody),
            Found::Unusable => return Ok(Identity::Invalid),
            Found::One(token) => token,
        };
        let Some(header) = readable_header(token) else {
            return Ok(Identity::Invalid);
        };
        let key = match &self.keys {
            Keys::One(key) => Some(key.clone()),
            Keys::Published(keys) => {
                let key = keys.find(header.kid.as_deref(), header.alg, now).await;
                key.map_err(|_| no_keys())?
            }
        };
        let known = key.and_then(|key| self.verify(token, &key, now));
        Ok(known.unwrap_or(Identity::Invalid))
    }

    /// The token that the caller brings: in the header, else in the cookie. One that is refused
    /// there is not looked for here.
    fn token<'h>(&self, headers: &'h HeaderMap) -> Found<'h> {
        match bearer(headers) {
            Found::None => self
                .cookie
                .as_ref()
                .map_or(Found::None, |name| cookies::find(headers, name)),
            found => found,
        }
    }

    fn verify(&self, token: &str, key: &PublicKey, now: Timestamp) -> Option<Identity> {
        let claims = decode::<Map<String, Value>>(token, &key.key, &self.validation(key));
        let claims = claims.ok()?.claims;
        let until = time(claims.get("exp")?)?.checked_add(LEEWAY).ok()?;
        let from = match claims.get("nbf") {
            None => Timestamp::MIN,
            Some(nbf) => time(nbf)?.checked_sub(LEEWAY).ok()?,
        };
        if now < from || until <= now {
            return None;
        }
        let user = claims.get(&self.user_claim)?.as_str()?.parse().ok()?;
        let until = Some(until);
        Some(Identity::Known { user, until })
    }

    fn validation(&self, key: &PublicKey) -> Validation {
        let mut validation = Validation::new(key.algorithm);
        let mut required = vec!["exp"];
        if let Some(issuer) = &self.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if let Some(audience) = &self.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        // The library would ask the machine for the time.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation
    }
}

/// The header, unless it asks for something that we do not understand.
fn readable_header(token: &str) -> Option<Header> {
    if token.len() > LONGEST {
        return None;
    }
    let header = decode_header(token).ok()?;
    header.crit.is_none().then_some(header)
}

/// The token of `Authorization: Bearer`. Another scheme there is for somebody else.
pub(in crate::http) fn bearer(headers: &HeaderMap) -> Found<'_> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Found::None,
        (Some(_), Some(_)) => return Found::Unusable,
        (Some(value), None) => value,
    };
    let Ok(text) = value.to_str() else {
        return Found::Unusable;
    };
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Found::One(token.trim_ascii())
        }
        _ if text.eq_ignore_ascii_case("bearer") => Found::Unusable,
        _ => Found::None,
    }
}

/// A `NumericDate`: seconds since 1970, with or without a fraction.
fn time(claim: &Value) -> Option<Timestamp> {
    let since = SignedDuration::try_from_secs_f64(claim.as_f64()?).ok()?;
    Timestamp::from_duration(since).ok()
}

fn no_keys() -> ApiError {
    ApiError::new(
        ErrorCode::UpstreamUnavailable,
        "The keys of the site's login cannot be had right now.",
    )
    .retry_after(RETRY_AFTER)
}
