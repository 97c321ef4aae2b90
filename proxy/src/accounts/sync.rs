//! Asking for fresh data now.
//!
//! v1 has a manual sync that is answered when it is over (seed 000). v2 has none; there the same
//! call starts a real-time job (seed 002).

use mono_client::SyncOutcome as MonoOutcome;
use mono_connect_shared::account::SyncResult;
use mono_connect_shared::config::ApiGeneration;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::lifecycle::{
    Command, Fact, REALTIME_INTERVAL, Running, SYNC_INTERVAL, State, command,
};
use mono_connect_shared::transaction::{JobStatus, SyncOutcome, SyncStatus};
use mono_connect_store::AccountRecord;

use super::read::{TransactionsRequest, read_failed};
use super::realtime::{Ask, Brought};
use super::{Accounts, Error, view};

impl Accounts {
    /// Asks for fresh data.
    pub async fn sync(&self, user: &UserId, id: &AccountId) -> Result<SyncOutcome, Error> {
        match self.settings().generation {
            ApiGeneration::V1 => {
                let (accounts, user, id) = (self.clone(), user.clone(), id.clone());
                self.to_the_end(async move { accounts.sync_manually(&user, &id).await })
                    .await
            }
            ApiGeneration::V2 => self.sync_in_real_time(user, id).await,
        }
    }

    async fn sync_manually(&self, user: &UserId, id: &AccountId) -> Result<SyncOutcome, Error> {
        let record = self.find(user, id).await?;
        let last = record
            .state
            .as_linked()
            .and_then(|linked| linked.sync.clone());
        let started_at = self.now();
        let record = self
            .change(record, |record| {
                let state = command(record.state, Command::StartSync, started_at)?;
                Ok(AccountRecord { state, ..record })
            })
            .await?;
        let answer = match self.mono().sync(&view::mono_id(id)?).await {
            Ok(answer) => answer,
            Err(error) => {
                let running = if error.may_have_been_carried_out() {
                    Some(Running {
                        started_at,
                        job: None,
                        ended_at: Some(self.now()),
                    })
                } else {
                    // Nothing was started, so nothing of the budget is used up.
                    last
                };
                let next_allowed_at = running
                    .as_ref()
                    .and_then(|running| running.next_allowed_at(SYNC_INTERVAL));
                self.set_sync(record, running).await?;
                if matches!(error, mono_client::Error::NoData) {
                    // It is queued; an event will tell its end.
                    return Ok(SyncOutcome {
                        status: SyncStatus::Processing,
                        has_new_data: None,
                        job_id: None,
                        next_allowed_at,
                    });
                }
                return Err(read_failed(error));
            }
        };
        let synced = matches!(answer.outcome, MonoOutcome::Synced);
        if synced && answer.has_new_data != Some(false) {
            self.forget_cached(id);
        }
        let ended = Running {
            started_at,
            job: None,
            ended_at: Some(self.now()),
        };
        let next_allowed_at = ended.next_allowed_at(SYNC_INTERVAL);
        let record = self.set_sync(record, Some(ended)).await?;
        let (status, result) = match answer.outcome {
            MonoOutcome::Synced => (SyncStatus::Synced, SyncResult::Synced),
            MonoOutcome::ReauthorisationRequired => (
                SyncStatus::ReauthorisationRequired,
                SyncResult::ReauthorisationRequired,
            ),
            MonoOutcome::Failed(_) => (SyncStatus::Failed, SyncResult::Failed),
        };
        self.observe(record, &[(Fact::Synced(result), self.now())], None)
            .await?;
        Ok(SyncOutcome {
            status,
            has_new_data: answer.has_new_data,
            job_id: None,
            next_allowed_at,
        })
    }

    async fn set_sync(
        &self,
        record: AccountRecord,
        running: Option<Running>,
    ) -> Result<AccountRecord, Error> {
        self.change(record, |record| {
            let State::Linked(mut linked) = record.state else {
                return Ok(record);
            };
            linked.sync.clone_from(&running);
            Ok(AccountRecord {
                state: State::Linked(linked),
                ..record
            })
        })
        .await
    }

    /// By transactions, because they bring the statement and with it the balance.
    async fn sync_in_real_time(&self, user: &UserId, id: &AccountId) -> Result<SyncOutcome, Error> {
        let request = TransactionsRequest {
            limit: Some(1),
            ..TransactionsRequest::default()
        };
        let read = self
            .read_in_real_time(user, id, Ask::Transactions(request))
            .await?;
        let record = self.find(user, id).await?;
        let next_allowed_at =
            realtime(&record).and_then(|running| running.next_allowed_at(REALTIME_INTERVAL));
        let job = match &read.freshness.job {
            Some(job) => self.store().find_job(&job.id).await?,
            None => None,
        };
        let status = match &job {
            // No job is named where there is nothing to wait for, and then the data is there.
            None if matches!(read.brought, Some(Brought::Transactions(Some(_)))) => {
                SyncStatus::Synced
            }
            None => last_outcome(&record),
            Some(job) if job.reauth_required == Some(true) => SyncStatus::ReauthorisationRequired,
            Some(job) => match job.status {
                JobStatus::Finished => SyncStatus::Synced,
                // The job may not have said why.
                JobStatus::Failed if asked_since_its_start(&record) => {
                    SyncStatus::ReauthorisationRequired
                }
                JobStatus::Failed => SyncStatus::Failed,
                _ => SyncStatus::Processing,
            },
        };
        Ok(SyncOutcome {
            status,
            has_new_data: read.freshness.has_new_data,
            job_id: job.map(|job| job.id),
            next_allowed_at,
        })
    }
}

fn realtime(record: &AccountRecord) -> Option<&Running> {
    record.state.as_linked()?.realtime.as_ref()
}

/// Whether the bank has asked for its user since the last session began, and still waits.
fn asked_since_its_start(record: &AccountRecord) -> bool {
    let asked_at = record
        .state
        .as_linked()
        .and_then(|linked| linked.authorisation.asks.last())
        .map(|ask| ask.at);
    let started_at = realtime(record).map(|session| session.started_at);
    asked_at.is_some() && asked_at >= started_at
}

/// How a session stands that has no job: it runs, it brought what there was, or Mono failed.
fn last_outcome(record: &AccountRecord) -> SyncStatus {
    let Some(session) = realtime(record).filter(|session| session.ended_at.is_some()) else {
        return SyncStatus::Processing;
    };
    let last_sync = record
        .state
        .as_linked()
        .and_then(|linked| linked.last_sync.as_ref())
        .filter(|last_sync| last_sync.at >= session.started_at);
    match last_sync.map(|last_sync| &last_sync.outcome) {
        Some(SyncResult::Failed) => SyncStatus::Failed,
        Some(SyncResult::ReauthorisationRequired) => SyncStatus::ReauthorisationRequired,
        _ => SyncStatus::Synced,
    }
}
