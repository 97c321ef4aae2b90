//! The call that starts a manual sync and waits for its end.

use serde::Deserialize;

use super::model::{SyncAnswer, SyncFailure, SyncOutcome};
use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::transport::{Call, Route};
use crate::wire::{self, Field, Flag, Object, Text};

impl Client {
    /// Has Mono fetch the account's data from the bank (first generation only).
    ///
    /// It is sent once: Mono charges for it and allows one in two minutes per account. That the
    /// user must log in again, and any other end that Mono names with a code of its own, is an
    /// answer and no error, whatever its status but 429.
    pub async fn sync(&self, id: &AccountId) -> Result<SyncAnswer, Error> {
        let call = Call {
            refused_answer: Some(is_outcome),
            ..Call::new(Route::Sync(id))
        };
        read(&self.transport.send(call).await?)
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Field<Object<Said>>,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    code: Text,
    #[serde(default)]
    has_new_data: Flag,
    #[serde(default, rename = "hasNewData")]
    camel_has_new_data: Flag,
}

/// The same inside `data`, where everything else of Mono's later stands.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    code: Text,
    #[serde(default)]
    has_new_data: Flag,
    #[serde(default, rename = "hasNewData")]
    camel_has_new_data: Flag,
}

/// Whether a refusal's body says how a sync ended.
fn is_outcome(body: &[u8]) -> bool {
    serde_json::from_slice::<Object<Answer>>(body).is_ok_and(|Object(answer)| {
        let inner = answer.data.into_option().unwrap_or_default().0;
        let code = answer.code.or(inner.code).into_option();
        code.is_some_and(|code| SyncOutcome::of_code(&code).is_some())
    })
}

pub(super) fn read(body: &[u8]) -> Result<SyncAnswer, Error> {
    const WHAT: &str = "the answer does not say how the sync ended";
    let answer: Answer = wire::read(body, WHAT)?;
    let is_without_data = matches!(answer.data, Field::Null);
    let Object(inner) = answer.data.into_option().unwrap_or_default();
    let has_new_data = answer
        .has_new_data
        .or(answer.camel_has_new_data)
        .or(inner.has_new_data)
        .or(inner.camel_has_new_data)
        .into_option();
    let status = answer.status.into_option().unwrap_or_default();
    let code = answer.code.or(inner.code).into_option();
    let outcome = match code.filter(|code| !code.trim().is_empty()) {
        Some(code) => SyncOutcome::of_code(&code).unwrap_or_else(|| later(code, &status)),
        // It is only queued.
        None if is_without_data => return Err(Error::NoData),
        None if is_success(&status) => SyncOutcome::Synced,
        None if status.is_empty() => return Err(Error::Malformed { what: WHAT }),
        None => SyncOutcome::Failed(SyncFailure::Other(status)),
    };
    Ok(SyncAnswer {
        outcome,
        has_new_data,
    })
}

/// What to make of a code that is newer than this: what stands beside it says how it ended.
fn later(code: String, status: &str) -> SyncOutcome {
    if is_success(status) {
        SyncOutcome::Synced
    } else {
        SyncOutcome::Failed(SyncFailure::Other(code))
    }
}

fn is_success(status: &str) -> bool {
    status.eq_ignore_ascii_case("successful") || status.eq_ignore_ascii_case("success")
}
