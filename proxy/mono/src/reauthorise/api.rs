//! The calls that prepare a re-authorisation.

use serde::{Deserialize, Serialize};
use url::Url;

use super::model::{HostedLink, ReauthToken};
use crate::auth::Reference;
use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::transport::{Call, Route, body};
use crate::wire::{self, Field, Lenient, Object, Text};

const LONGEST_REFERENCE: usize = 128;
const LONGEST_TOKEN: usize = 4096;

#[derive(Serialize)]
struct InitiateBody<'a> {
    account: &'a str,
    meta: Reference<'a>,
    scope: &'static str,
    redirect_url: &'a str,
}

impl Client {
    /// Asks for a token with which an older widget re-authorises the account.
    pub async fn reauthorise_token(&self, id: &AccountId) -> Result<ReauthToken, Error> {
        let body = self
            .transport
            .send(Call::new(Route::ReauthoriseToken(id)))
            .await?;
        read_token(&body)
    }

    /// Asks for a hosted page on which the user re-authorises the account (second generation
    /// only). `reference` comes back as `meta.ref`; ten characters or more are safe.
    pub async fn initiate_reauthorisation(
        &self,
        id: &AccountId,
        reference: &str,
        redirect_url: &str,
    ) -> Result<HostedLink, Error> {
        reference_and_redirect(reference, redirect_url)?;
        let body = body(&InitiateBody {
            account: id.as_str(),
            meta: Reference { reference },
            scope: "reauth",
            redirect_url,
        })?;
        let call = Call {
            body: Some(body),
            ..Call::new(Route::Initiate)
        };
        read_link(
            &self.transport.send(call).await?,
            self.transport.is_plain_http(),
        )
    }
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
struct TokenAnswer {
    #[serde(default)]
    token: Text,
    #[serde(default)]
    data: Field<Object<TokenData>>,
}

#[derive(Deserialize)]
struct TokenData {
    #[serde(default)]
    token: Text,
}

pub(super) fn read_token(body: &[u8]) -> Result<ReauthToken, Error> {
    const WHAT: &str = "the answer holds no token";
    let answer: TokenAnswer = wire::read(body, WHAT)?;
    let inner = answer
        .data
        .into_option()
        .map(|Object(data)| data.token)
        .unwrap_or_default();
    answer
        .token
        .or(inner)
        .into_option()
        .filter(|token| (1..=LONGEST_TOKEN).contains(&token.len()))
        .map(ReauthToken::new)
        .ok_or(Error::Malformed { what: WHAT })
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
