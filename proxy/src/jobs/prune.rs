//! Removing what is kept for a time only.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_store::Prunable;
use tracing::{Instrument as _, Span};

use super::Jobs;
use crate::telemetry::traces::{Work, work, work_failed};

/// Rows in one statement: others want to write, too.
const BATCH: u32 = 500;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(24 * 7);
const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What is kept for how long. An exchange goes before its link session, because together they say
/// that an old code brings nothing back.
const KEPT: [(Prunable, SignedDuration); 10] = [
    // A code is good for ten minutes; Mono's word of it may come two days later.
    (Prunable::Exchanges, WEEK),
    (Prunable::LinkSessions, WEEK),
    // Mono repeats an event for two days; by its key it is known for longer, in case it does not keep
    // to that.
    (Prunable::DoneEvents, MONTH),
    (Prunable::WaitingEvents, WEEK),
    (Prunable::EndedJobs, WEEK),
    // Whoever wants it later has another one built.
    (Prunable::StatementPdfs, WEEK),
    // Mono tells of an account for two days after its end.
    (Prunable::ErasedAccounts, WEEK),
    // It was tried for days; whoever looks into a dead letter has had time to.
    (Prunable::OutboxMessages, MONTH),
    // A page that was away for longer gets a snapshot.
    (Prunable::Changes, DAY),
    // Open pages have been told by then.
    (Prunable::ErasedUsers, SignedDuration::from_mins(1)),
];

impl Jobs {
    /// Removes everything that has been kept for long enough.
    pub(super) async fn prune(&self) {
        let span = work("prune", Work::Due);
        self.prune_all(&span).instrument(span.clone()).await;
    }

    async fn prune_all(&self, span: &Span) {
        let now = self.clock.now();
        for (what, kept) in KEPT {
            let before = now.checked_sub(kept).unwrap_or(Timestamp::MIN);
            loop {
                match self.store.prune(what, before, BATCH).await {
                    Ok(removed) if removed >= u64::from(BATCH) => {}
                    Ok(_) => break,
                    Err(error) => {
                        work_failed(span, "store");
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "old rows cannot be removed"
                        );
                        return;
                    }
                }
            }
        }
    }
}
