//! Mono's hosted pages: what every request for one carries, and the address that is answered.
//!
//! What a page is for, linking or re-authorising, its request says: `auth` and `reauthorise`.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::Error;
use crate::wire::{self, Field, Lenient, Object, Text};

const LONGEST_REFERENCE: usize = 128;

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

/// The `meta` of a request for a hosted page.
#[derive(Serialize)]
pub(crate) struct Reference<'a> {
    #[serde(rename = "ref")]
    pub(crate) reference: &'a str,
}

/// Checks what a request for a hosted page is sent with.
pub(crate) fn reference_and_redirect(reference: &str, redirect_url: &str) -> Result<(), Error> {
    if reference.is_empty()
        || reference.len() > LONGEST_REFERENCE
        || reference.chars().any(char::is_control)
    {
        return Err(Error::Invalid {
            what: "the reference is empty or too long",
        });
    }
    match Url::parse(redirect_url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        _ => Err(Error::Invalid {
            what: "the address to come back to is no http address",
        }),
    }
}

#[derive(Deserialize)]
struct LinkAnswer {
    #[serde(default)]
    data: Field<Object<Link>>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    mono_url: Text,
    #[serde(default)]
    customer: Text,
    #[serde(default)]
    meta: Lenient<Object<LinkMeta>>,
}

#[derive(Deserialize)]
struct LinkMeta {
    #[serde(default, rename = "ref")]
    reference: Text,
}

/// Reads the hosted page's address, which a browser will be sent to: plain http only counts where
/// Mono itself is called that way.
pub(crate) fn read_link(body: &[u8], allow_http: bool) -> Result<HostedLink, Error> {
    const WHAT: &str = "the answer holds no address of a hosted page";
    let answer: LinkAnswer = wire::read(body, WHAT)?;
    let Object(link) = answer
        .data
        .into_option()
        .ok_or(Error::Malformed { what: WHAT })?;
    let url = link
        .mono_url
        .into_option()
        .and_then(|url| Url::parse(&url).ok())
        .filter(|url| url.scheme() == "https" || (allow_http && url.scheme() == "http"))
        .ok_or(Error::Malformed { what: WHAT })?;
    Ok(HostedLink {
        url,
        reference: link
            .meta
            .into_option()
            .and_then(|Object(meta)| meta.reference.into_option()),
        customer_id: link.customer.into_option(),
    })
}
