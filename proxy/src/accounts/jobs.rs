//! Mono's background jobs: heard of by events, by answers, and by asking.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::SyncResult;
use mono_connect_shared::config::ApiGeneration;
use mono_connect_shared::id::{AccountId, JobId, UserId};
use mono_connect_shared::lifecycle::{Cause, Fact, Linked, State};
use mono_connect_shared::transaction::{Job, JobStatus};
use mono_connect_store::{AccountRecord, Check, JobRecord, WaitsFor};

use super::event::{Taken, counted_from};
use super::{Accounts, Error, view};

/// A job that has said nothing for so long will say nothing any more.
pub(super) const LONGEST_JOB: SignedDuration = SignedDuration::from_hours(1);

/// A job that Mono does not know is perhaps not known everywhere yet; after so long it is forgotten.
const UNKNOWN_AT_FIRST: SignedDuration = SignedDuration::from_mins(2);

/// For so long an account is asked for after its job has finished, if it cannot be had.
const LONGEST_RESULT: SignedDuration = SignedDuration::from_hours(24);

/// Mono is asked about the jobs of one account because of events at most once in this time.
const QUESTION_INTERVAL: SignedDuration = SignedDuration::from_millis(250);

/// What was heard of a job.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) id: JobId,
    pub(super) name: Option<String>,
    pub(super) status: JobStatus,
    pub(super) reauth_required: Option<bool>,
    /// Whether nobody has said so: Mono says nothing of it any more.
    pub(super) assumed: bool,
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
        if known.has_ended() && !known.assumed {
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
        mut heard: Heard,
        account: Option<AccountId>,
        received_at: Timestamp,
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
        heard.at = counted_from(heard.at, &record, received_at);
        if !self.settings().confirm_events {
            return self.hear_to_the_end(&record, heard).await;
        }
        if self.settings().generation == ApiGeneration::V1 {
            // It has no jobs that we could have started or could ask about.
            self.hear_of_login(record, &heard).await?;
            return Ok(Taken::Done);
        }
        let Some(known) = known else {
            return if heard.status.has_ended() {
                self.take_unknown_job(record, heard).await
            } else {
                Ok(Taken::WaitsFor(WaitsFor::Job(heard.id)))
            };
        };
        // Bad news waits for nobody.
        if heard.status != JobStatus::Finished {
            self.hear_of_job(&record, heard).await?;
            return Ok(Taken::Done);
        }
        self.hear_of_job(&record, heard.as_running()).await?;
        if known.has_ended() && !known.assumed {
            return Ok(Taken::Done);
        }
        self.ask_because_of_event(&known).await
    }

    /// A job that we neither started nor heard of before. Only Mono can say whether there is one:
    /// nothing is kept of what an event makes up.
    async fn take_unknown_job(&self, record: AccountRecord, heard: Heard) -> Result<Taken, Error> {
        let record = self.hear_of_login(record, &heard).await?;
        let now = self.now();
        let claimed = JobRecord {
            id: heard.id.clone(),
            account: record.id.clone(),
            user: record.user.clone(),
            name: None,
            status: JobStatus::Processing,
            reauth_required: None,
            assumed: false,
            started_at: now,
            updated_at: now,
        };
        let taken = self.ask_because_of_event(&claimed).await?;
        if self.store().find_job(&heard.id).await?.is_some() {
            self.hear_of_job(&record, heard.as_running()).await?;
        }
        Ok(taken)
    }

    async fn ask_because_of_event(&self, job: &JobRecord) -> Result<Taken, Error> {
        let claimed = self
            .store()
            .claim_check(&job.account, Check::Job, self.now(), QUESTION_INTERVAL)
            .await?;
        if !claimed {
            return Ok(Taken::Later(QUESTION_INTERVAL));
        }
        let job = self.ask_about_job(job).await?;
        self.fetch_result(&job).await?;
        Ok(Taken::Done)
    }

    async fn hear_to_the_end(&self, record: &AccountRecord, heard: Heard) -> Result<Taken, Error> {
        let id = heard.id.clone();
        self.hear_of_job(record, heard).await?;
        if let Some(job) = self.store().find_job(&id).await? {
            self.fetch_result(&job).await?;
        }
        Ok(Taken::Done)
    }

    /// That the bank wants its user is no good news, and counts whoever says so.
    async fn hear_of_login(
        &self,
        record: AccountRecord,
        heard: &Heard,
    ) -> Result<AccountRecord, Error> {
        if heard.reauth_required != Some(true) {
            return Ok(record);
        }
        let fact = Fact::ReauthorisationRequired(Cause::Job);
        self.observe(record, &[(fact, heard.at)], None).await
    }

    /// Does what is due about a job: asks Mono about one that runs, and for what one brought that has
    /// finished. One that has run for too long is taken for failed.
    pub async fn check_job(&self, job: JobRecord) -> Result<(), Error> {
        if job.has_ended() {
            return self.fetch_result(&job).await;
        }
        if self.now().duration_since(job.started_at) < LONGEST_JOB {
            let job = self.ask_about_job(&job).await?;
            return self.fetch_result(&job).await;
        }
        let record = self.find(&job.user, &job.account).await?;
        let heard = Heard {
            status: JobStatus::Failed,
            assumed: true,
            ..Heard::of(job.id, self.now())
        };
        self.hear_of_job(&record, heard).await
    }

    /// Asks for the account of a job that has finished: the event that follows may be lost, its data
    /// must not be. Until it succeeds, the job stays due.
    async fn fetch_result(&self, job: &JobRecord) -> Result<(), Error> {
        if job.status != JobStatus::Finished {
            return Ok(());
        }
        let record = self.find(&job.user, &job.account).await?;
        let known_at = record.state.as_linked().and_then(|linked| linked.data.at);
        let is_known = known_at.is_some_and(|known_at| job.updated_at < known_at);
        if !is_known && self.now().duration_since(job.updated_at) < LONGEST_RESULT {
            self.refresh(record).await?;
        }
        self.store().settle_job(&job.id).await?;
        Ok(())
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
                name: answer.name,
                status: answer.status.as_str().into(),
                reauth_required: answer.reauth_required,
                ..Heard::of(job.id.clone(), asked_at)
            },
            Err(mono_client::Error::NotFound) => {
                if asked_at.duration_since(job.started_at) < UNKNOWN_AT_FIRST {
                    return Ok(job.clone());
                }
                // Mono has forgotten it: it will not go on.
                Heard {
                    status: JobStatus::Failed,
                    assumed: true,
                    ..Heard::of(job.id.clone(), asked_at)
                }
            }
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
                assumed: heard.assumed,
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
        let job = self.store().find_job(&heard.id).await?;
        let record = self.find(&record.user, &record.id).await?;
        let record = self
            .change(record, |record| {
                let State::Linked(mut linked) = record.state else {
                    return Ok(record);
                };
                if heard.status.has_ended() {
                    end_running(&mut linked, heard, job.as_ref());
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

fn end_running(linked: &mut Linked, heard: &Heard, job: Option<&JobRecord>) {
    // Whoever started it may have died before it could write down which job it was.
    if let Some(realtime) = linked.realtime.as_mut().filter(|last| last.job.is_none())
        && realtime.ended_at.is_none()
        && job.is_some_and(|job| job.started_at >= realtime.started_at)
    {
        realtime.job = Some(heard.id.clone());
    }
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
    /// A job that runs, of which nothing else was heard.
    pub(super) fn of(id: JobId, at: Timestamp) -> Self {
        Self {
            id,
            name: None,
            status: JobStatus::Processing,
            reauth_required: None,
            assumed: false,
            at,
        }
    }

    /// Whether it is over, or the bank wants its user.
    fn means_something(&self) -> bool {
        self.status.has_ended() || self.reauth_required == Some(true)
    }

    /// As if it were still running: what an event claims about its end is asked for first. That the
    /// bank wants its user is no good news, and Mono's answer may not repeat it.
    fn as_running(&self) -> Self {
        Self {
            status: JobStatus::Processing,
            ..self.clone()
        }
    }
}
