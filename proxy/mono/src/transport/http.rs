//! The one HTTP client that talks to Mono.

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use url::Url;

use super::JSON;
use crate::config::BuildError;
use crate::error::Cause;

const KEY_HEADER: HeaderName = HeaderName::from_static("mono-sec-key");
const USER_AGENT: &str = concat!("mono-client/", env!("CARGO_PKG_VERSION"));

/// Servers commonly close idle connections after 60 s or more; we let go well before they do.
const POOL_IDLE: Duration = Duration::from_secs(15);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Sends the key with every call, follows nothing, and asks no proxy.
pub(super) fn client(
    origin: &Url,
    key: &str,
    timeout: Duration,
) -> Result<reqwest::Client, BuildError> {
    let mut key = HeaderValue::from_str(key).map_err(|_| BuildError::SecretKey)?;
    key.set_sensitive(true);
    let headers = HeaderMap::from_iter([(KEY_HEADER, key), (ACCEPT, JSON)]);
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one client that talks to Mono"
    )]
    let mut builder = reqwest::Client::builder()
        .default_headers(headers)
        .user_agent(USER_AGENT)
        // The key is in a header that a redirect to another host would take along.
        .redirect(Policy::none())
        .no_proxy()
        .pool_idle_timeout(POOL_IDLE)
        .connect_timeout(CONNECT_LIMIT.min(timeout / 2));
    if origin.scheme() == "http" {
        // No TLS will be spoken, so a machine without certificates must not matter.
        builder = builder.tls_certs_only([]);
    }
    builder
        .build()
        .map_err(|error| BuildError::Http(Cause::new(error)))
}
