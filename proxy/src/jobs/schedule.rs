//! Background syncs: in small steps, each account once a run, only with consent on record.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;

use super::Jobs;
use crate::accounts::Error;

/// Accounts at once: a run is spread over minutes, so that Mono and the banks are not stormed.
const STEP: u32 = 4;

/// A run that was missed for longer is left out: whoever starts the proxy at noon does not expect
/// the night's syncs, which cost money.
const CATCH_UP: SignedDuration = SignedDuration::from_hours(1);

impl Jobs {
    /// Takes the next step of the run that is due, if one is; how many accounts there were.
    pub(super) async fn sync_on_schedule(&self) -> usize {
        let now = self.clock.now();
        let slot = self
            .schedule
            .as_ref()
            .and_then(|schedule| schedule.last_before(now));
        let Some(slot) = slot.filter(|slot| now.duration_since(*slot) <= CATCH_UP) else {
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
        let accounts = self.store.claim_scheduled_accounts(slot, STEP).await?;
        let count = accounts.len();
        for record in accounts {
            match self.accounts.sync(&record.user, &record.id).await {
                // A user who must log in again is flagged; nothing more can be done by night.
                Ok(_)
                | Err(
                    Error::TooEarly { .. }
                    | Error::ReauthorisationRequired
                    | Error::AccountNotFound,
                ) => {}
                Err(error) => {
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
