//! Background syncs: in small steps, each account once a run, only with consent on record.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use tokio::task::JoinSet;

use super::Jobs;
use crate::accounts::Error;

/// Accounts at once: a run is spread over minutes, so that Mono and the banks are not stormed.
const STEP: u32 = 8;

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

    async fn sync_some(&self, slot: Timestamp) -> Result<usize, mono_connect_store::Error> {
        // Claimed before it is done: a restart in the middle leaves an account out rather than
        // paying for it twice.
        let claimed = self.store.claim_scheduled_accounts(slot, STEP).await?;
        let count = claimed.len();
        let mut running = JoinSet::new();
        for record in claimed {
            let accounts = self.accounts.clone();
            running.spawn(async move { accounts.sync(&record.user, &record.id).await });
        }
        // A panic was logged by the hook.
        while let Some(ended) = running.join_next().await {
            match ended {
                // A user who must log in again is flagged; nothing more can be done by night.
                Err(_)
                | Ok(
                    Ok(_)
                    | Err(
                        Error::TooEarly { .. }
                        | Error::ReauthorisationRequired
                        | Error::AccountNotFound,
                    ),
                ) => {}
                Ok(Err(error)) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a scheduled sync failed"
                    );
                }
            }
        }
        Ok(count)
    }
}
