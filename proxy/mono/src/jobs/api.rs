//! The call about one job.

use serde::Deserialize;

use super::{Job, JobStatus};
use crate::client::Client;
use crate::error::Error;
use crate::id::{AccountId, JobId};
use crate::transport::{Call, Route};
use crate::wire::{self, Field, Flag, Object, Text};

impl Client {
    /// Asks how a job of an account is doing (second generation only).
    ///
    /// [`Error::NotFound`] when Mono does not know the account or the job.
    pub async fn job(&self, id: &AccountId, job: &JobId) -> Result<Job, Error> {
        let body = self.transport.send(Call::new(Route::Job(id, job))).await?;
        read(&body, job)
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Field<Object<Wire>>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    job_status: Text,
    #[serde(default, rename = "jobStatus")]
    camel_job_status: Text,
    #[serde(default)]
    reauth_required: Flag,
    #[serde(default, rename = "reauthRequired")]
    camel_reauth_required: Flag,
    #[serde(default)]
    synced: Flag,
}

pub(super) fn read(body: &[u8], asked: &JobId) -> Result<Job, Error> {
    const WHAT: &str = "the answer does not say how the job is doing";
    let answer: Answer = wire::read(body, WHAT)?;
    let wire = match answer.data {
        Field::Present(Object(wire)) => wire,
        Field::Null => return Err(Error::NoData),
        Field::Absent => return Err(Error::Malformed { what: WHAT }),
    };
    let word = wire
        .status
        .or(wire.job_status)
        .or(wire.camel_job_status)
        .into_option()
        .filter(|word| !word.is_empty())
        .ok_or(Error::Malformed { what: WHAT })?;
    let (status, said_by_status) = JobStatus::of_word(word);
    let named = wire.id.or(wire.underscore_id).into_option();
    let id = named.and_then(|id| JobId::try_from(id).ok());
    if id.as_ref().is_some_and(|id| id != asked) {
        tracing::warn!("Mono's answer names another job id than the one asked for");
    }
    Ok(Job {
        id: id.unwrap_or_else(|| asked.clone()),
        name: wire.name.into_option(),
        status,
        reauth_required: wire
            .reauth_required
            .or(wire.camel_reauth_required)
            .into_option()
            .or(said_by_status),
        synced: wire.synced.into_option(),
    })
}
