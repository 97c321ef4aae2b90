//! Mono's background jobs that we started or heard of.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId, UserId};
use mono_connect_shared::transaction::JobStatus;

use crate::Error;

/// Keeps jobs. Every write of one is also a [`Change`](crate::Change) of its user's.
#[async_trait]
pub trait JobStore: Send + Sync + 'static {
    /// Keeps a job, or what is new about it, and wakes the events that waited for it. One whose
    /// account is gone is not kept. Whether anything changed.
    ///
    /// A job that has ended stays ended, with two exceptions: an end that was assumed gives way to
    /// one that Mono tells, and of one that failed it may be told late that a login is wanted.
    async fn record_job(&self, job: &JobRecord) -> Result<bool, Error>;

    /// The job with this id.
    async fn find_job(&self, id: &JobId) -> Result<Option<JobRecord>, Error>;

    /// Jobs that are due to be worked on, each put off until `until`: those that run, to be asked
    /// about, and those that have finished, until they are settled.
    async fn claim_due_jobs(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<JobRecord>, Error>;

    /// The account of a job that has finished was asked for: nothing is left to do about the job.
    async fn settle_job(&self, id: &JobId) -> Result<(), Error>;

    /// Puts off what is to be done next about a job, if anything is.
    async fn put_off_job(&self, id: &JobId, until: Timestamp) -> Result<(), Error>;

    /// How many jobs run.
    async fn count_running_jobs(&self) -> Result<u64, Error>;
}

/// A background job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// Mono's id.
    pub id: JobId,
    /// Of which account.
    pub account: AccountId,
    /// Whose account.
    pub user: UserId,
    /// Mono's name of it, once told.
    pub name: Option<String>,
    /// How far it has come.
    pub status: JobStatus,
    /// Whether it failed because the user must log in again; none while Mono has not said.
    pub reauth_required: Option<bool>,
    /// Whether its end is only what we took for granted, because Mono says nothing of it any more.
    pub assumed: bool,
    /// When it was first heard of.
    pub started_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl JobRecord {
    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.status.has_ended()
    }
}
