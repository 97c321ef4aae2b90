//! Anonymous visitors, told apart by a signed cookie.
//!
//! The cookie holds a random user id and an end, signed with the session key. It is written by the
//! proxy only: one that does not verify is refused, so nobody can be made to use another's. It is
//! renewed for the same user when half of its time is over, and when the key is rotated.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::UserId;
use sha2::Sha256;

use super::Identity;
use super::cookies::{self, Found};
use crate::config::SessionKeys;
use crate::random::{self, NoRandomness, Random};

/// Accounts live for months, and an anonymous visitor has nothing but the cookie to find them by.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Signs and verifies session cookies.
pub(super) struct SessionSigner {
    keys: SessionKeys,
    secure: bool,
}

/// A visitor who was nobody until now.
pub(in crate::http) struct NewSession {
    pub(in crate::http) user: UserId,
    pub(in crate::http) set_cookie: HeaderValue,
}

/// What a cookie that verifies says.
#[derive(Debug, PartialEq, Eq)]
struct Session {
    user: UserId,
    expires: Timestamp,
    /// Whether the key that signs now signed it.
    current: bool,
}

impl SessionSigner {
    /// With these keys. `secure` when browsers come by https.
    pub(super) fn new(keys: &SessionKeys, secure: bool) -> Self {
        Self {
            keys: keys.clone(),
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

    /// Who is calling, and a cookie in exchange for one that is to be renewed.
    pub(super) fn identify(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> (Identity, Option<HeaderValue>) {
        let value = match cookies::find(headers, self.cookie_name()) {
            Found::None => return (Identity::Nobody, None),
            Found::Unusable => return (Identity::Invalid, None),
            Found::One(value) => value,
        };
        let Some(session) = self.verify(value).filter(|session| now < session.expires) else {
            return (Identity::Invalid, None);
        };
        let due = !session.current || session.expires.duration_since(now) < LIFETIME / 2;
        // Without it the session goes on; the next call tries again.
        let renewed = due.then(|| self.cookie(&session.user, now)).flatten();
        let known = Identity::Known {
            user: session.user,
            until: Some(session.expires),
        };
        (known, renewed)
    }

    /// Makes a new anonymous user.
    pub(super) fn mint(
        &self,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<NewSession, MintError> {
        let user: UserId = random::name(random, "anon_")?
            .parse()
            .map_err(|_| MintError::Unusable)?;
        let set_cookie = self.cookie(&user, now).ok_or(MintError::Unusable)?;
        Ok(NewSession { user, set_cookie })
    }

    fn cookie(&self, user: &UserId, now: Timestamp) -> Option<HeaderValue> {
        let value = self.sign(user, now)?;
        self.header(value, LIFETIME.as_secs())
    }

    /// Takes the cookie away from a browser.
    pub(super) fn end(&self) -> Option<HeaderValue> {
        self.header(String::new(), 0)
    }

    fn header(&self, value: String, seconds: i64) -> Option<HeaderValue> {
        let cookie = Cookie::build((self.cookie_name(), value))
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.secure)
            .path("/")
            .build();
        HeaderValue::try_from(format!("{cookie}; Max-Age={seconds}")).ok()
    }

    /// The value of a cookie for this user.
    fn sign(&self, user: &UserId, now: Timestamp) -> Option<String> {
        let expires = now.checked_add(LIFETIME).ok()?.as_second();
        let signed = format!("v1.{user}.{expires}");
        let tag = mac(self.keys.expose().next()?, &signed)?
            .finalize()
            .into_bytes();
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag)))
    }

    fn verify(&self, value: &str) -> Option<Session> {
        let (signed, tag) = value.rsplit_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        // Constant time, by the library.
        let signed_by = |key| mac(key, signed).is_some_and(|mac| mac.verify_slice(&tag).is_ok());
        let key = self.keys.expose().position(signed_by)?;
        let mut parts = signed.strip_prefix("v1.")?.split('.');
        let user = parts.next()?.parse().ok()?;
        let expires = parts.next()?.parse().ok()?;
        let session = Session {
            user,
            expires: Timestamp::from_second(expires).ok()?,
            current: key == 0,
        };
        parts.next().is_none().then_some(session)
    }
}

fn mac(key: &[u8], signed: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    // The purpose, so that the same key signing something else never makes a session.
    mac.update(b"mono-connect session\0");
    mac.update(signed.as_bytes());
    Some(mac)
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
