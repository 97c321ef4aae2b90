//! What an older widget needs to re-authorise an account.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A token for `connect.reauthorise(token)` of connect.js up to 2.0.2, good for ten minutes.
///
/// It is no account id: later versions of connect.js take that in its place.
#[derive(Clone)]
pub struct ReauthToken(SecretString);

impl ReauthToken {
    pub(crate) fn new(token: String) -> Self {
        Self(token.into())
    }

    /// The token, for the one widget that is to use it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for ReauthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReauthToken([redacted])")
    }
}
