//! Background syncs: in small steps, each account once a run, only with consent on record.
//!
//! An account is claimed for a time and is done with when its sync has ended, so that a process that
//! dies in between forgets nobody.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_store::AccountRecord;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::Jobs;
use crate::accounts::Error;
use crate::telemetry::traces::{Work, work, work_failed};

/// Accounts at once: a run is spread over minutes, so that Mono and the banks are not stormed.
const STEP: u32 = 8;

/// An account that was claimed by a process that died, or whose sync could not begin, is due again
/// after this.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// A run ends after this, whoever was not reached being first the next time; and one that was missed
/// for longer is left out: whoever starts the proxy at noon does not expect the night's syncs.
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(3);

impl Jobs {
    /// Takes the next step of the run that is due, if one is; how many accounts there were.
    pub(super) async fn sync_on_schedule(&self) -> usize {
        let now = self.clock.now();
        let slot = self
            .schedule
            .as_ref()
            .and_then(|schedule| schedule.last_before(now));
        let Some(slot) = slot.filter(|slot| now.duration_since(*slot) <= LONGEST_RUN) else {
            return 0;
        };
        match self.sync_some(slot).await {
            Ok(count) => count,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no scheduled sync"
                );
                0
            }
        }
    }

    async fn sync_some(&self, run: Timestamp) -> Result<usize, mono_connect_store::Error> {
        let now = self.clock.now();
        let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        let claimed = self
            .store
            .claim_scheduled_accounts(run, now, until, STEP)
            .await?;
        let count = claimed.len();
        let mut running = JoinSet::new();
        for record in claimed {
            let jobs = self.clone();
            running.spawn(async move { jobs.sync_one(record, run).await });
        }
        // A panic was logged by the hook; the account is due again when its lease is over.
        while let Some(ended) = running.join_next().await {
            if let Ok(Err(error)) = ended {
                return Err(error);
            }
        }
        Ok(count)
    }

    /// Syncs an account unless that was begun since the run began, by its user or by a process that
    /// died: what is begun is in the account before Mono is asked, so nobody is synced twice.
    async fn sync_one(
        &self,
        record: AccountRecord,
        run: Timestamp,
    ) -> Result<(), mono_connect_store::Error> {
        if !was_begun_since(&record, run) {
            let span = work("scheduled_sync", Work::Due);
            let sync = self.accounts.sync(&record.user, &record.id);
            match sync.instrument(span.clone()).await {
                // A user who must log in again is flagged; nothing more can be done by night.
                Ok(_)
                | Err(
                    Error::TooEarly { .. }
                    | Error::ReauthorisationRequired
                    | Error::AccountNotFound,
                ) => {}
                Err(error) => {
                    work_failed(&span, error.name());
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a scheduled sync failed"
                    );
                    if is_worth_trying_again(&error) {
                        return Ok(());
                    }
                }
            }
        }
        self.store.finish_scheduled_account(&record.id, run).await
    }
}

fn was_begun_since(record: &AccountRecord, run: Timestamp) -> bool {
    record.state.as_linked().is_some_and(|linked| {
        [&linked.sync, &linked.realtime]
            .into_iter()
            .flatten()
            .any(|running| running.started_at >= run)
    })
}

/// Whether nothing was begun and it may go better later in the night.
fn is_worth_trying_again(error: &Error) -> bool {
    match error {
        Error::Store(_) => true,
        Error::Mono(error) => matches!(
            error,
            mono_client::Error::RateLimited { .. }
                | mono_client::Error::Paused { .. }
                | mono_client::Error::Crowded
                | mono_client::Error::Unreachable { .. }
                | mono_client::Error::Timeout { sent: false }
        ),
        _ => false,
    }
}
