//! Asking after what no event may ever tell: data that is being fetched, jobs that run.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use tracing::Instrument as _;

use super::Jobs;
use crate::telemetry::traces::{Work, work, work_failed};

/// Asked about at once.
const AT_ONCE: u32 = 16;

/// Looking after a new account is part of what its user asked for, for so long. What goes on longer is
/// work in the background, and that wants consent.
const WITHOUT_CONSENT: SignedDuration = SignedDuration::from_hours(24);

/// What was claimed by a process that died is due again after this.
const LEASE: SignedDuration = SignedDuration::from_secs(90);

impl Jobs {
    /// Asks Mono about everything that is due.
    pub(super) async fn watch_due(&self) {
        if let Err(error) = self.watch_accounts().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "accounts cannot be watched"
            );
        }
        if let Err(error) = self.watch_jobs().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "jobs cannot be watched"
            );
        }
    }

    async fn watch_accounts(&self) -> Result<(), mono_connect_store::Error> {
        let now = self.clock.now();
        let due = self
            .store
            .claim_processing_accounts(now, after(now, LEASE), AT_ONCE)
            .await?;
        for record in due {
            let (id, linked_at) = (record.id.clone(), record.linked_at);
            if record.consent.is_none() && now.duration_since(linked_at) >= WITHOUT_CONSENT {
                // Events still tell of it, and whoever looks at it has it asked about.
                self.store.put_off_check(&id, Timestamp::MAX).await?;
                continue;
            }
            let span = work("account_check", Work::Due);
            let check = self.accounts.check_status(record);
            if let Err(error) = check.instrument(span.clone()).await {
                work_failed(&span, error.name());
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no answer about a status"
                );
            }
            self.store
                .put_off_check(&id, after(now, pause(linked_at, now)))
                .await?;
        }
        Ok(())
    }

    async fn watch_jobs(&self) -> Result<(), mono_connect_store::Error> {
        let now = self.clock.now();
        let due = self
            .store
            .claim_due_jobs(now, after(now, LEASE), AT_ONCE)
            .await?;
        for job in due {
            let (id, started_at) = (job.id.clone(), job.started_at);
            let span = work("job_check", Work::Due);
            let check = self.accounts.check_job(job);
            if let Err(error) = check.instrument(span.clone()).await {
                work_failed(&span, error.name());
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no answer about a job"
                );
            }
            self.store
                .put_off_job(&id, after(now, pause(started_at, now)))
                .await?;
        }
        Ok(())
    }
}

fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Longer the longer it takes: half of the time that has passed, from 5 seconds to a minute as long
/// as it takes no longer than usual (seed 003: 5 minutes at most), later to an hour.
fn pause(since: Timestamp, now: Timestamp) -> SignedDuration {
    let passed = now.duration_since(since);
    let longest = if passed < SignedDuration::from_mins(15) {
        SignedDuration::from_mins(1)
    } else {
        SignedDuration::from_hours(1)
    };
    (passed / 2).clamp(SignedDuration::from_secs(5), longest)
}
