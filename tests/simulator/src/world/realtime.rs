//! Real-time jobs: what `x-realtime: true` starts, once in five minutes per account.

use std::time::Duration;

use jiff::Timestamp;

use super::account::{AVAILABLE, BALANCE, PARTIAL, TRANSACTIONS};
use super::events::Due;
use super::fetch::{brings_something, sync_word};
use super::webhook::{Event, Update};
use super::{Refusal, World};
use crate::clock::later;
use crate::random::object_id;

/// One real-time session per account in this time.
const SESSION_EVERY: Duration = Duration::from_mins(5);

/// What a job fetches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobKind {
    /// The balance.
    Balance,
    /// The transactions.
    Statement,
}

impl JobKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Balance => "jobs.accounts.sync_balance",
            Self::Statement => "jobs.accounts.sync_statement",
        }
    }

    fn part(self) -> &'static str {
        match self {
            Self::Balance => BALANCE,
            Self::Statement => TRANSACTIONS,
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobStatus {
    /// Under way.
    Processing,
    /// The data is there.
    Finished,
    /// It is not; perhaps because the bank wants its user.
    Failed,
}

impl JobStatus {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }
}

/// A real-time job.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) kind: JobKind,
    pub(crate) status: JobStatus,
    pub(crate) new_data: bool,
    pub(crate) reauth_required: bool,
    pub(crate) started_at: Timestamp,
}

impl World {
    /// The job that a real-time call is answered with: the last one within five minutes, else a new one.
    ///
    /// # Errors
    /// Unknown account.
    pub(crate) fn realtime(&mut self, account: &str, kind: JobKind) -> Result<Job, Refusal> {
        let now = self.now();
        self.account(account)?;
        let last = self
            .jobs
            .values()
            .filter(|job| job.account == account)
            .max_by_key(|j| j.started_at);
        if let Some(job) = last.filter(|job| later(job.started_at, SESSION_EVERY) > now) {
            return Ok(job.clone());
        }
        let id = object_id(&mut self.ids);
        let job = Job {
            id: id.clone(),
            account: account.to_owned(),
            kind,
            status: JobStatus::Processing,
            new_data: false,
            reauth_required: false,
            started_at: now,
        };
        self.jobs.insert(id.clone(), job.clone());
        self.emit(account, &Event::JobChanged { job: id.clone() });
        let at = later(now, self.settings.processing_time);
        self.agenda.add(at, Due::JobDone { job: id });
        Ok(job)
    }

    /// The job, when it belongs to this account.
    pub(crate) fn job(&self, account: &str, id: &str) -> Result<&Job, Refusal> {
        self.account(account)?;
        self.jobs
            .get(id)
            .filter(|job| job.account == account)
            .ok_or(Refusal::UnknownJob)
    }

    /// A job has come to its end.
    pub(crate) fn finish_job(&mut self, id: &str) {
        let now = self.now();
        let Some(job) = self.jobs.get(id).cloned() else {
            return;
        };
        if self.account(&job.account).is_err() {
            return;
        }
        let reauth = self.needs_its_user(&job.account, now);
        let outcome = self.outcome_of(&job.account);
        let fetched = !reauth && brings_something(&outcome);
        let new_data = fetched && self.copy_for_job(&job, now);
        if let Some(job) = self.jobs.get_mut(id) {
            job.status = if fetched {
                JobStatus::Finished
            } else {
                JobStatus::Failed
            };
            job.new_data = new_data;
            job.reauth_required = reauth;
        }
        let word = if reauth {
            "REAUTHORISATION_REQUIRED"
        } else {
            sync_word(&outcome)
        };
        let update = Update {
            sync_status: Some(word),
            new_data,
            job: Some(id.to_owned()),
        };
        self.emit(&job.account, &Event::JobChanged { job: id.to_owned() });
        self.emit(&job.account, &Event::Updated(update));
    }

    /// Copies the job's part and moves the status as the documents' table says; true when something was new.
    fn copy_for_job(&mut self, job: &Job, now: Timestamp) -> bool {
        let Ok(account) = self.account(&job.account) else {
            return false;
        };
        // A statement carries the balance along, where there was one before.
        let parts: &[&'static str] = match job.kind {
            JobKind::Statement if account.has(BALANCE) => &[BALANCE, TRANSACTIONS],
            _ => &[job.kind.part()],
        };
        let new_data = self.copy_parts(&job.account, now, parts);
        let Ok(account) = self.account_mut(&job.account) else {
            return false;
        };
        // From FAILED and UNAVAILABLE it is PARTIAL at first, whatever came before.
        if account.data_status.eq_ignore_ascii_case(PARTIAL)
            && account.has(BALANCE)
            && account.has(TRANSACTIONS)
        {
            AVAILABLE.clone_into(&mut account.data_status);
        } else if !account.is_processing() && !account.data_status.eq_ignore_ascii_case(AVAILABLE) {
            PARTIAL.clone_into(&mut account.data_status);
        }
        new_data
    }
}
