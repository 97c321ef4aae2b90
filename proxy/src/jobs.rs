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
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::clock::SharedClock;
use crate::config::Schedule;

/// How often the store is asked for work that nobody announced.
const TICK: Duration = Duration::from_secs(1);

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

    async fn repeat_inbox(&self, shutdown: CancellationToken) {
        loop {
            let Some(count) = shutdown.run_until_cancelled(self.work_on_inbox()).await else {
                return;
            };
            if count == 0 {
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = self.arrivals.notified() => {}
                    () = tokio::time::sleep(TICK) => {}
                }
            }
        }
    }

    /// Does everything that is due now, and what follows from it. For tests, which say what time it
    /// is.
    pub async fn run_due(&self) {
        self.watch_due().await;
        while self.sync_on_schedule().await > 0 {}
        while self.work_on_inbox().await > 0 {}
    }
}
