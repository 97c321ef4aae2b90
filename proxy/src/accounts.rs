//! The use cases: link an account, read it, let its user log in again.
//!
//! The only part that applies the account's lifecycle and that knows both Mono and the store. Knows
//! nothing of HTTP: a caller is a user id, an outcome is a value or an [`Error`] by meaning.

mod audit;
mod cache;
mod error;
mod event;
mod feed;
mod history;
mod identity;
mod income;
mod institutions;
mod jobs;
mod keyed_lock;
mod link;
mod link_session;
mod observe;
mod outbound;
mod read;
mod realtime;
mod reauthorise;
mod statement;
mod sync;
mod unlink;
mod users;
mod view;
mod wealth;

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use mono_client::Client;
use mono_connect_shared::config::{ApiGeneration, ReauthoriseMethod};
use mono_connect_shared::id::{AccountId, Reference, UserId};
use mono_connect_store::{CodeHash, Hold, Notice, Store};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::clock::SharedClock;
use crate::events::Hub;
use crate::random::SharedRandom;
use crate::telemetry::{Metrics, Waiting};
use cache::Cache;
use institutions::Directory;
use keyed_lock::{KeyGuard, KeyedLock};

pub use error::Error;
pub use event::Taken;
pub use feed::{Feed, FeedEvent};
pub use link::Linked;
pub use read::TransactionsRequest;
pub use users::{AccountsFilter, Erasure};

/// What the use cases work with.
pub struct Parts {
    /// Where accounts are kept.
    pub store: Arc<dyn Store>,
    /// Mono.
    pub mono: Client,
    /// What time it is.
    pub clock: SharedClock,
    /// References.
    pub random: SharedRandom,
    /// What is counted.
    pub metrics: Metrics,
    /// What cannot be asked of the others.
    pub settings: Settings,
}

/// Settings of the use cases.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Given to the widget.
    pub public_key: String,
    /// Which generation of Mono's API is spoken.
    pub generation: ApiGeneration,
    /// What the widget is given to re-authorise.
    pub reauthorise: ReauthoriseMethod,
    /// Where Mono's hosted page sends the user back to.
    pub public_url: String,
    /// Whether Mono is asked before an event's good news is believed.
    pub confirm_events: bool,
    /// How long a call waits for an earlier one about the same thing. Each is bounded by the time
    /// that Mono has to answer, but there may be many.
    pub patience: Duration,
    /// How long an answer of Mono's may be given again; zero: never.
    pub cache_ttl: Duration,
    /// Whether the site's own back end is told of changes.
    pub tells_back_end: bool,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    inner: Arc<Inner>,
    mono: Client,
}

struct Inner {
    parts: Parts,
    // One exchange at a time per attempt and per code, so that ten equal calls ask Mono once.
    attempts: KeyedLock<Reference>,
    codes: KeyedLock<CodeHash>,
    // One start of a real-time job at a time per account, so that callers share it.
    realtime: KeyedLock<AccountId>,
    // One event at a time per account, so that one question to Mono serves several.
    facts: KeyedLock<AccountId>,
    cache: Cache,
    directory: Directory,
    hub: Hub,
    // Wakes whoever delivers to the site's back end.
    posted: Arc<Notify>,
    tasks: TaskTracker,
}

impl Accounts {
    /// The use cases over these parts.
    pub fn new(parts: Parts) -> Self {
        Self {
            mono: parts.mono.clone(),
            inner: Arc::new(Inner {
                cache: Cache::new(parts.settings.cache_ttl),
                parts,
                attempts: KeyedLock::default(),
                codes: KeyedLock::default(),
                realtime: KeyedLock::default(),
                facts: KeyedLock::default(),
                directory: Directory::default(),
                hub: Hub::default(),
                posted: Arc::default(),
                tasks: TaskTracker::new(),
            }),
        }
    }

    /// The same, for work that nobody waits for: it leaves most of the calls to pages.
    #[must_use]
    pub fn in_background(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            mono: self.mono.clone().in_background(),
        }
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<(), Error> {
        Ok(self.store().ping().await?)
    }

    /// What waits to be worked on, by this process or another of the same store.
    pub async fn waiting(&self) -> Result<Waiting, Error> {
        let backlog = self.store().inbox_backlog().await?;
        let jobs = self.store().count_running_jobs().await?;
        let outbox = self.store().outbox_backlog().await?;
        let age = |came| self.now().duration_since(came).unsigned_abs();
        Ok(Waiting {
            events: backlog.events,
            oldest: backlog.oldest.map_or(Duration::ZERO, age),
            jobs,
            messages: outbox.messages,
            oldest_message: outbox.oldest.map_or(Duration::ZERO, age),
            dead_letters: outbox.dead_letters,
        })
    }

    /// Waits for work that goes on although its caller has gone.
    pub async fn finish(&self) {
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    fn store(&self) -> &dyn Store {
        self.inner.parts.store.as_ref()
    }

    fn mono(&self) -> &Client {
        &self.mono
    }

    fn metrics(&self) -> &Metrics {
        &self.inner.parts.metrics
    }

    fn now(&self) -> mono_connect_shared::Timestamp {
        self.inner.parts.clock.now()
    }

    fn settings(&self) -> &Settings {
        &self.inner.parts.settings
    }

    /// Waits until nobody else works on the key, within reason.
    async fn turn<'a, K: Eq + Hash + Clone>(
        &self,
        locks: &'a KeyedLock<K>,
        key: &K,
    ) -> Result<KeyGuard<'a, K>, Error> {
        let guard = locks.lock(key, self.settings().patience).await;
        guard.ok_or(Error::Busy)
    }

    /// Waits until no other proxy on this database works on the same, within reason.
    async fn hold(&self, name: &str) -> Result<Hold, Error> {
        let hold = self.store().hold(name, self.settings().patience).await?;
        hold.ok_or(Error::Busy)
    }

    /// Passes on what another proxy on this database did.
    pub fn heard(&self, notice: &Notice) {
        match notice {
            Notice::Changed {
                user,
                account,
                removed,
            } => {
                if *removed {
                    self.erase_cached(account);
                } else {
                    self.forget_cached(account);
                }
                self.tell(user);
            }
            Notice::Missed => {
                tracing::warn!("other proxies were not heard for a while");
                self.forget_all_cached();
                self.inner.hub.wake_all();
            }
        }
    }

    /// Wakes the user's pages. Called after every write of what they see.
    fn tell(&self, user: &UserId) {
        self.inner.hub.wake(user);
    }

    /// Runs to its end although the caller may go away: Mono may have acted by then.
    async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let work = self.inner.tasks.spawn(work.in_current_span());
        work.await.map_err(Error::Task)?
    }
}
