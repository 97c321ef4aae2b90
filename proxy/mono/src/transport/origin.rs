//! Which addresses may be called at all.
//!
//! The origin is configuration; nothing that a caller or an answer says can change it.

use url::{Host, Url};

use crate::config::BuildError;

/// Refuses everything but a plain origin, and a live key in the clear outside this machine.
pub(super) fn check(url: &Url, key: &str) -> Result<(), BuildError> {
    let is_plain_origin = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_plain_origin {
        return Err(BuildError::ApiUrl);
    }
    if key.is_empty() {
        return Err(BuildError::SecretKey);
    }
    if url.scheme() == "http" && key.starts_with("live_") && !is_loopback(url) {
        return Err(BuildError::PlainHttp);
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
