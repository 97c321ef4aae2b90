//! Background work: what the inbox holds, what is still being fetched, what still runs.
//!
//! Every job is safe to run twice and on two instances at once: work is claimed in the store, for a
//! time, and what it changes may be changed again.

mod inbox;
mod schedule;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use mono_connect_store::Store;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::clock::SharedClock;
use crate::config::Schedule;

/// How often the store is asked for work that nobody announced.
const TICK: Duration = Duration::from_secs(1);

/// How often the inbox is looked at without a new event: an event that waits for Mono's confirmation
/// is to be seen in a page within a second all the same.
const INBOX_TICK: Duration = Duration::from_millis(250);

/// The background work of one process.
#[derive(Clone)]
pub struct Jobs {
    accounts: Accounts,
    store: Arc<dyn Store>,
    clock: SharedClock,
    arrivals: Arc<Notify>,
    schedule: Option<Schedule>,
}

impl Jobs {
    pub(crate) fn new(
        accounts: Accounts,
        store: Arc<dyn Store>,
        clock: SharedClock,
        arrivals: Arc<Notify>,
        schedule: Option<Schedule>,
    ) -> Self {
        Self {
            accounts,
            store,
            clock,
            arrivals,
            schedule,
        }
    }

    /// Works until `shutdown`, and ends what it has begun.
    pub async fn run(self, shutdown: CancellationToken) {
        let inbox = {
            let jobs = self.clone();
            let shutdown = shutdown.clone();
            tokio::spawn(async move { jobs.repeat_inbox(shutdown).await })
        };
        while shutdown
            .run_until_cancelled(tokio::time::sleep(TICK))
            .await
            .is_some()
        {
            // Cut off in the middle, it is due again: everything is claimed for a time only.
            let due = async {
                self.watch_due().await;
                self.sync_on_schedule().await;
            };
            if shutdown.run_until_cancelled(due).await.is_none() {
                break;
            }
        }
        // A panic in there was logged by the hook.
        drop(inbox.await);
    }

    /// Works on events as they come. One that takes long holds up nobody but itself.
    async fn repeat_inbox(&self, shutdown: CancellationToken) {
        let mut running = JoinSet::new();
        loop {
            for event in self
                .claim_events(inbox::AT_ONCE.saturating_sub(running.len()))
                .await
            {
                let jobs = self.clone();
                running.spawn(async move { jobs.work_on(event).await });
            }
            tokio::select! {
                // What is cut off is due again: it was claimed for a time only.
                () = shutdown.cancelled() => return,
                Some(_) = running.join_next() => {}
                () = self.arrivals.notified() => {}
                () = tokio::time::sleep(INBOX_TICK) => {}
            }
        }
    }

    /// Does everything that is due now, and what follows from it. For tests, which say what time it
    /// is.
    pub async fn run_due(&self) {
        self.watch_due().await;
        while self.sync_on_schedule().await > 0 {}
        while self.work_on_batch().await > 0 {}
    }
}
