//! The calls that prepare a re-authorisation.

use serde::{Deserialize, Serialize};

use super::model::ReauthToken;
use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::initiate::{HostedLink, Reference, read_link, reference_and_redirect};
use crate::transport::{Call, Route, body};
use crate::wire::{self, Field, Object, Text};

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
