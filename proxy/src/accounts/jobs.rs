//! Mono's background jobs: heard of by events, by answers, and by asking.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::SyncResult;
use mono_connect_shared::config::ApiGeneration;
use mono_connect_shared::id::{AccountId, JobId, UserId};
use mono_connect_shared::lifecycle::{Cause, Fact, Linked, State};
use mono_connect_shared::transaction::{Job, JobStatus};
use mono_connect_store::{AccountRecord, JobRecord, WaitsFor};

use super::event::Taken;
use super::{Accounts, Error, view};

/// A job that has said nothing for so long will say nothing any more.
pub(super) const LONGEST_JOB: SignedDuration = SignedDuration::from_hours(1);

/// What was heard of a job.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) id: JobId,
    pub(super) name: Option<String>,
    pub(super) status: JobStatus,
    pub(super) reauth_required: Option<bool>,
    pub(super) at: Timestamp,
}

impl Accounts {
    /// One of an account's jobs. Asks Mono while it runs.
    pub async fn job(&self, user: &UserId, account: &AccountId, id: &JobId) -> Result<Job, Error> {
        self.find(user, account).await?;
        if self.settings().generation == ApiGeneration::V1 {
            return Err(Error::NotSupported("Mono's v1 API has no jobs."));
        }
        let known = self
            .store()
            .find_job(id)
            .await?
            .filter(|job| job.account == *account);
        let known = known.ok_or(Error::JobNotFound)?;
        if known.has_ended() {
            return Ok(view::job(known));
        }
        match self.ask_about_job(&known).await {
            Ok(job) => Ok(view::job(job)),
            Err(Error::Mono(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no answer about a job"
                );
                Ok(view::job(known))
            }
            Err(error) => Err(error),
        }
    }

    /// Takes an event about a job. It may name no account; then the job is found by its id.
    pub(super) async fn take_job(
        &self,
        heard: Heard,
        account: Option<AccountId>,
    ) -> Result<Taken, Error> {
        let known = self.store().find_job(&heard.id).await?;
        let account = match (&known, account) {
            (Some(known), _) => known.account.clone(),
            (None, Some(account)) => account,
            (None, None) => return Ok(Taken::WaitsFor(WaitsFor::Job(heard.id))),
        };
        let Some(record) = self.store().find_any_account(&account).await? else {
            return Ok(Taken::WaitsFor(WaitsFor::Account(account)));
        };
        let claims_end = heard.status.has_ended();
        self.hear_of_job(
            &record,
            heard.clone_as_running_if(self.must_confirm(claims_end)),
        )
        .await?;
        if self.must_confirm(claims_end) {
            let job = self
                .store()
                .find_job(&heard.id)
                .await?
                .ok_or(Error::JobNotFound)?;
            if !job.has_ended() {
                self.ask_about_job(&job).await?;
            }
        }
        Ok(Taken::Done)
    }

    /// Asks Mono about a job that runs. One that has run for too long is taken for failed.
    pub async fn check_job(&self, job: JobRecord) -> Result<(), Error> {
        if self.now().duration_since(job.started_at) < LONGEST_JOB {
            let job = self.ask_about_job(&job).await?;
            if job.status == JobStatus::Finished {
                // The event that follows a job may be lost; its data must not be.
                let record = self.find(&job.user, &job.account).await?;
                self.refresh(record).await?;
            }
            return Ok(());
        }
        let record = self.find(&job.user, &job.account).await?;
        let at = self.now();
        let heard = Heard {
            id: job.id,
            name: None,
            status: JobStatus::Failed,
            reauth_required: None,
            at,
        };
        self.hear_of_job(&record, heard).await
    }

    fn must_confirm(&self, claims_end: bool) -> bool {
        claims_end
            && self.settings().confirm_events
            && self.settings().generation == ApiGeneration::V2
    }

    /// Asks Mono about a job and applies the answer.
    pub(super) async fn ask_about_job(&self, job: &JobRecord) -> Result<JobRecord, Error> {
        let id = job.id.as_str().parse();
        let id = id.map_err(|_| Error::Broken("a job id of ours is none of Mono's"))?;
        let asked_at = self.now();
        let record = self.find(&job.user, &job.account).await?;
        let answer = self.mono().job(&view::mono_id(&job.account)?, &id).await;
        let heard = match answer {
            Ok(answer) => Heard {
                id: job.id.clone(),
                name: answer.name,
                status: answer.status.as_str().into(),
                reauth_required: answer.reauth_required,
                at: asked_at,
            },
            // Mono has forgotten it: it will not go on.
            Err(mono_client::Error::NotFound) => Heard {
                id: job.id.clone(),
                name: None,
                status: JobStatus::Failed,
                reauth_required: None,
                at: asked_at,
            },
            Err(error) => return Err(error.into()),
        };
        self.hear_of_job(&record, heard).await?;
        self.store()
            .find_job(&job.id)
            .await?
            .ok_or(Error::JobNotFound)
    }

    /// Keeps what was heard of a job, and what it means for its account.
    pub(super) async fn hear_of_job(
        &self,
        record: &AccountRecord,
        heard: Heard,
    ) -> Result<(), Error> {
        if heard.means_something() {
            self.forget_cached(&record.id);
        }
        self.keep_job(record, heard).await
    }

    /// The same of a job that was told together with its data, which is as new as the job.
    pub(super) async fn keep_job(&self, record: &AccountRecord, heard: Heard) -> Result<(), Error> {
        let changed = self
            .store()
            .record_job(&JobRecord {
                id: heard.id.clone(),
                account: record.id.clone(),
                user: record.user.clone(),
                name: heard.name.clone(),
                status: heard.status.clone(),
                reauth_required: heard.reauth_required,
                started_at: heard.at,
                updated_at: self.now(),
            })
            .await?;
        if changed {
            self.tell(&record.user);
        }
        if heard.means_something() {
            self.end_job(record, &heard).await?;
        }
        Ok(())
    }

    /// What an end, or a demand for a login, means for the account.
    async fn end_job(&self, record: &AccountRecord, heard: &Heard) -> Result<(), Error> {
        let record = self.find(&record.user, &record.id).await?;
        let record = self
            .change(record, |record| {
                let State::Linked(mut linked) = record.state else {
                    return Ok(record);
                };
                if heard.status.has_ended() {
                    end_running(&mut linked, heard);
                }
                Ok(AccountRecord {
                    state: State::Linked(linked),
                    ..record
                })
            })
            .await?;
        let facts = match (&heard.status, heard.reauth_required) {
            (_, Some(true)) => vec![Fact::ReauthorisationRequired(Cause::Job)],
            (JobStatus::Finished, _) => vec![Fact::Synced(SyncResult::Synced)],
            _ => Vec::new(),
        };
        let facts: Vec<_> = facts.into_iter().map(|fact| (fact, heard.at)).collect();
        self.observe(record, &facts, None).await?;
        Ok(())
    }
}

fn end_running(linked: &mut Linked, heard: &Heard) {
    for running in [&mut linked.realtime, &mut linked.sync]
        .into_iter()
        .flatten()
    {
        if running.job.as_ref() == Some(&heard.id) && running.ended_at.is_none() {
            running.ended_at = Some(heard.at);
        }
    }
}

impl Heard {
    /// Whether it is over, or the bank wants its user.
    fn means_something(&self) -> bool {
        self.status.has_ended() || self.reauth_required == Some(true)
    }

    /// As if it were still running: what an event claims about its end is asked for first. That the
    /// bank wants its user is no good news, and Mono's answer may not repeat it.
    fn clone_as_running_if(&self, unconfirmed: bool) -> Self {
        if !unconfirmed {
            return self.clone();
        }
        Self {
            status: JobStatus::Processing,
            ..self.clone()
        }
    }
}
