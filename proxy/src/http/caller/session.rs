//! Anonymous visitors, told apart by a signed cookie.
//!
//! The cookie holds a random user id and an end, signed with the session key. It is written by the
//! proxy only: one that does not verify is refused, so nobody can be made to use another's.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::UserId;
use sha2::Sha256;

use super::Identity;
use crate::config::SessionKey;
use crate::random::{self, NoRandomness, Random};

/// Accounts live for months, and an anonymous visitor has nothing but the cookie to find them by.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Signs and verifies session cookies.
pub struct SessionSigner {
    key: SessionKey,
    secure: bool,
}

/// A visitor who was nobody until now.
pub(in crate::http) struct NewSession {
    pub(in crate::http) user: UserId,
    pub(in crate::http) set_cookie: HeaderValue,
}

impl SessionSigner {
    /// With this key. `secure` when browsers come by https.
    pub fn new(key: &SessionKey, secure: bool) -> Self {
        Self {
            key: key.clone(),
            secure,
        }
    }

    /// The prefix tells browsers to take the cookie from https answers only, for this host only.
    fn cookie_name(&self) -> &'static str {
        if self.secure {
            "__Host-Http-mono_connect_session"
        } else {
            "mono_connect_session"
        }
    }

    pub(in crate::http) fn identify(&self, headers: &HeaderMap, now: Timestamp) -> Identity {
        // By bytes: another cookie of the site's may hold anything, and must not hide ours.
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|pair| {
                pair.trim_ascii()
                    .strip_prefix(self.cookie_name().as_bytes())
            })
            .filter_map(|rest| rest.strip_prefix(b"="));
        match (values.next(), values.next()) {
            (None, _) => Identity::Nobody,
            // Two of the same name: one of them was planted, and we cannot know which.
            (Some(_), Some(_)) => Identity::Invalid,
            (Some(value), None) => std::str::from_utf8(value)
                .ok()
                .and_then(|value| self.verify(value, now))
                .map_or(Identity::Invalid, Identity::Known),
        }
    }

    /// Makes a new anonymous user.
    pub(in crate::http) fn mint(
        &self,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<NewSession, MintError> {
        let user: UserId = random::name(random, "anon_")?
            .parse()
            .map_err(|_| MintError::Unusable)?;
        let value = self.sign(&user, now).ok_or(MintError::Unusable)?;
        let cookie = Cookie::build((self.cookie_name(), value))
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.secure)
            .path("/")
            .build();
        let set_cookie = format!("{cookie}; Max-Age={}", LIFETIME.as_secs());
        let set_cookie = HeaderValue::try_from(set_cookie).map_err(|_| MintError::Unusable)?;
        Ok(NewSession { user, set_cookie })
    }

    /// The value of a cookie for this user.
    pub fn sign(&self, user: &UserId, now: Timestamp) -> Option<String> {
        let expires = now.checked_add(LIFETIME).ok()?.as_second();
        let signed = format!("v1.{user}.{expires}");
        let tag = self.mac(&signed)?.finalize().into_bytes();
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag)))
    }

    fn verify(&self, value: &str, now: Timestamp) -> Option<UserId> {
        let (signed, tag) = value.rsplit_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        // Constant time, by the library.
        self.mac(signed)?.verify_slice(&tag).ok()?;
        let mut parts = signed.strip_prefix("v1.")?.split('.');
        let user = parts.next()?.parse().ok()?;
        let expires: i64 = parts.next()?.parse().ok()?;
        (parts.next().is_none() && now.as_second() < expires).then_some(user)
    }

    fn mac(&self, signed: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose()).ok()?;
        // The purpose, so that the same key signing something else never makes a session.
        mac.update(b"mono-connect session\0");
        mac.update(signed.as_bytes());
        Some(mac)
    }
}

/// Why no session could be made.
#[derive(Debug, thiserror::Error)]
pub(in crate::http) enum MintError {
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error("the new session cannot be written")]
    Unusable,
}

#[cfg(test)]
mod tests;
