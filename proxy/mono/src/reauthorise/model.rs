//! What the widget or the browser needs to re-authorise an account.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

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

/// A page of Mono's that the user is sent to. Whoever knows its address can open it: `Debug`
/// shows only the host.
#[derive(Clone, PartialEq, Eq)]
pub struct HostedLink {
    /// Where the page is.
    pub url: Url,
    /// The reference that was sent, as it came back.
    pub reference: Option<String>,
    /// Mono's id of the customer.
    pub customer_id: Option<String>,
}

impl fmt::Debug for HostedLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostedLink")
            .field("host", &self.url.host_str())
            .field("reference", &self.reference)
            .field("customer_id", &self.customer_id)
            .finish_non_exhaustive()
    }
}
