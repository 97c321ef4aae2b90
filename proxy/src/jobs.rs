//! Background work: what the inbox holds, what is still being fetched, what still runs, what the
//! clock says, what the site's back end is to be told, what is old, what is not encrypted yet.
//!
//! Every job is safe to run twice and on two instances at once: work is claimed in the store, for a
//! time, and what it changes may be changed again.

mod inbox;
mod outbox;
mod prune;
mod schedule;
mod seal;
mod watch;

pub(crate) use outbox::BackEnd;
pub(crate) use seal::seal;

use std::sync::Arc;
use std::time::Duration;

use mono_connect_store::Store;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::clock::SharedClock;
use crate::config::Schedule;
use crate::random::SharedRandom;
use crate::telemetry::Metrics;

/// How often the store is asked for work that nobody announced.
const TICK: Duration = Duration::from_secs(1);

/// How often old rows are removed.
const PRUNE_TICK: Duration = Duration::from_mins(10);

/// How often the inbox is looked at without a new event: another process may have put one off.
const INBOX_TICK: Duration = Duration::from_millis(250);

/// How often the outbox is looked at without a new message: another process may have written one.
const OUTBOX_TICK: Duration = Duration::from_millis(500);

/// The background work of one process. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    pub(crate) accounts: Accounts,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: SharedClock,
    /// Tells of events of Mono's that are new.
    pub(crate) arrivals: Arc<Notify>,
    /// When background syncs run, if they do.
    pub(crate) schedule: Option<Schedule>,
    /// Whom to tell of changes, if anybody.
    pub(crate) back_end: Option<BackEnd>,
    pub(crate) random: SharedRandom,
    pub(crate) metrics: Metrics,
}

impl Jobs {
    /// Passes on what other proxies on this database do, until `shutdown`. When this returns, it
    /// listens.
    pub async fn listen(&self, shutdown: CancellationToken) -> JoinHandle<()> {
        let mut notices = self.store.notices().await;
        let accounts = self.accounts.clone();
        tokio::spawn(async move {
            while let Some(notice) = shutdown.run_until_cancelled(notices.next()).await {
                accounts.heard(&notice);
            }
        })
    }

    /// Works until `shutdown`, and ends what it has begun.
    pub async fn run(self, shutdown: CancellationToken) {
        let listening = self.listen(shutdown.clone()).await;
        // Each for itself: what takes long, or breaks down, holds up nothing else.
        let mut running = JoinSet::new();
        let (jobs, until) = (self.clone(), shutdown.clone());
        running.spawn(async move { jobs.repeat_inbox(&until).await });
        let (jobs, until) = (self.clone(), shutdown.clone());
        running.spawn(async move { repeat(TICK, &until, || jobs.watch_due()).await });
        let (jobs, until) = (self.clone(), shutdown.clone());
        running.spawn(async move { repeat(TICK, &until, || jobs.sync_on_schedule()).await });
        if let Some(back_end) = self.back_end.clone() {
            let (jobs, until) = (self.clone(), shutdown.clone());
            running.spawn(async move { jobs.repeat_outbox(&back_end, &until).await });
            let (jobs, until) = (self.clone(), shutdown.clone());
            running.spawn(async move { repeat(TICK, &until, || jobs.nudge()).await });
        }
        let (accounts, until) = (self.accounts.clone(), shutdown.clone());
        running.spawn(async move {
            repeat(TICK, &until, || async { accounts.erase_old_answers() }).await;
        });
        let (jobs, until) = (self.clone(), shutdown.clone());
        running.spawn(async move {
            let _: Option<()> = until.run_until_cancelled(jobs.seal()).await;
        });
        running.spawn(async move { repeat(PRUNE_TICK, &shutdown, || self.prune()).await });
        // A panic in there was logged by the hook.
        while running.join_next().await.is_some() {}
        drop(listening.await);
    }

    /// Works on events as they come. One that takes long holds up nobody but itself.
    async fn repeat_inbox(&self, shutdown: &CancellationToken) {
        let mut running = JoinSet::new();
        let mut look_again = Instant::now();
        loop {
            for event in self
                .claim_events(inbox::AT_ONCE.saturating_sub(running.len()))
                .await
            {
                let jobs = self.clone();
                running.spawn(async move { jobs.work_on(event).await });
            }
            let tick = Instant::now() + INBOX_TICK;
            // An event that waits for its turn at Mono is taken up the moment it comes.
            if look_again <= Instant::now() {
                look_again = tick;
            }
            tokio::select! {
                // What is cut off is due again: it was claimed for a time only.
                () = shutdown.cancelled() => return,
                Some(ended) = running.join_next() => {
                    if let Ok(Some(wait)) = ended {
                        look_again = look_again.min(Instant::now() + wait);
                    }
                }
                () = self.arrivals.notified() => {}
                () = tokio::time::sleep_until(look_again.min(tick)) => {}
            }
        }
    }

    /// Delivers events to the site's back end as they are written. A target that takes long for one
    /// holds up that account only.
    async fn repeat_outbox(&self, back_end: &BackEnd, shutdown: &CancellationToken) {
        let posted = self.accounts.posted();
        let mut running = JoinSet::new();
        loop {
            let room = outbox::AT_ONCE.saturating_sub(running.len());
            for message in self.claim_messages(room).await {
                let (jobs, back_end) = (self.clone(), back_end.clone());
                running.spawn(async move { jobs.deliver(&back_end, message).await });
            }
            tokio::select! {
                // What is cut off is due again: it was claimed for a time only.
                () = shutdown.cancelled() => return,
                Some(_) = running.join_next() => {}
                () = posted.notified() => {}
                () = tokio::time::sleep(OUTBOX_TICK) => {}
            }
        }
    }

    /// Does everything that is due now, and what follows from it. For tests, which say what time it
    /// is.
    pub async fn run_due(&self) {
        self.watch_due().await;
        while self.sync_on_schedule().await > 0 {}
        while self.work_on_batch().await > 0 {}
        self.nudge().await;
        while self.deliver_batch().await > 0 {}
        self.prune().await;
    }
}

/// Does this work again and again, with this pause before. Cut off in the middle, it is due again:
/// everything is claimed for a time only.
async fn repeat<F: Future>(pause: Duration, shutdown: &CancellationToken, work: impl Fn() -> F) {
    let turns = async {
        loop {
            tokio::time::sleep(pause).await;
            work().await;
        }
    };
    let _: Option<()> = shutdown.run_until_cancelled(turns).await;
}
