//! The calls that link an account.

use serde::{Deserialize, Serialize};

use super::model::{LinkCustomer, LinkInstitution, LinkRequest};
use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::initiate::{HostedLink, Reference, read_link, reference_and_redirect};
use crate::transport::{Call, Route, body};
use crate::wire::{self, Field, Object, Text};

const LONGEST_CODE: usize = 512;

#[derive(Serialize)]
struct ExchangeBody<'a> {
    code: &'a str,
}

#[derive(Serialize)]
struct InitiateBody<'a> {
    customer: &'a LinkCustomer,
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<&'a LinkInstitution>,
    meta: Reference<'a>,
    scope: &'static str,
    redirect_url: &'a str,
}

impl Client {
    /// Exchanges the code of the widget for the id of the account that was linked.
    ///
    /// It is sent once: after an error for which [`Error::may_have_been_carried_out`] holds, the
    /// account may be linked although its id was lost on the way.
    pub async fn exchange(&self, code: &str) -> Result<AccountId, Error> {
        if code.is_empty() || code.len() > LONGEST_CODE || code.chars().any(char::is_control) {
            return Err(Error::Invalid {
                what: "the code is empty or no code",
            });
        }
        let body = body(&ExchangeBody { code })?;
        let call = Call {
            body: Some(body),
            ..Call::new(Route::Exchange)
        };
        read_account_id(&self.transport.send(call).await?)
    }

    /// Asks for a hosted page on which a user links an account (second generation only).
    pub async fn initiate_link(&self, request: &LinkRequest) -> Result<HostedLink, Error> {
        reference_and_redirect(&request.reference, &request.redirect_url)?;
        let body = body(&InitiateBody {
            customer: &request.customer,
            institution: request.institution.as_ref(),
            meta: Reference {
                reference: &request.reference,
            },
            scope: "auth",
            redirect_url: &request.redirect_url,
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
struct Exchanged {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(default)]
    data: Field<Object<ExchangedData>>,
}

#[derive(Deserialize)]
struct ExchangedData {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
}

/// Reads the id, which stands at the top or inside `data`.
pub(super) fn read_account_id(body: &[u8]) -> Result<AccountId, Error> {
    const WHAT: &str = "the exchange names no account";
    let answer: Exchanged = wire::read(body, WHAT)?;
    let inner = answer
        .data
        .into_option()
        .and_then(|Object(data)| data.id.or(data.underscore_id).into_option());
    let outer = answer.id.or(answer.underscore_id).into_option();
    match (inner, outer) {
        (Some(inner), Some(outer)) if inner != outer => None,
        (inner, outer) => inner.or(outer),
    }
    .and_then(|id| AccountId::try_from(id).ok())
    .ok_or(Error::Malformed { what: WHAT })
}
