//! The questions that are being asked of Mono right now, so that equal ones are asked once.

use std::collections::HashMap;
use std::fmt;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::AccountId;
use tokio::sync::oneshot;

use super::Key;
use super::answer::{Answer, Datum};

/// How a load ended.
pub(super) type Loaded = Result<Option<Answer>, Failed>;

/// An answer that others may wait for as well.
pub(super) type Coming = Shared<BoxFuture<'static, Loaded>>;

/// Why no answer came.
#[derive(Debug, Clone)]
pub(super) enum Failed {
    /// Mono did not give one.
    Mono(mono_client::Error),
    /// Our own task broke down.
    Broken,
}

/// The loads that may be joined.
#[derive(Default)]
pub(super) struct Loads {
    listed: HashMap<Key, (u64, Coming)>,
    last_number: u64,
}

impl Loads {
    pub(super) fn find(&self, key: &Key) -> Option<Coming> {
        self.listed.get(key).map(|(_, coming)| coming.clone())
    }

    pub(super) const fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Lists a load whose outcome will come this way.
    pub(super) fn list(
        &mut self,
        key: Key,
        number: u64,
        outcome: oneshot::Receiver<Loaded>,
    ) -> Coming {
        // It ends without an outcome only if it broke down.
        let coming = async move { outcome.await.unwrap_or(Err(Failed::Broken)) };
        let coming = coming.boxed().shared();
        self.listed.insert(key, (number, coming.clone()));
        coming
    }

    /// Whether it may still be joined: no fact has overtaken it.
    pub(super) fn is_listed(&self, key: &Key, number: u64) -> bool {
        let listed = self.listed.get(key);
        listed.is_some_and(|(listed, _)| *listed == number)
    }

    pub(super) fn end(&mut self, key: &Key, number: u64) {
        if self.is_listed(key, number) {
            self.listed.remove(key);
        }
    }

    /// Lets nobody join an account's loads any more. They end for those who wait already.
    pub(super) fn unlist(&mut self, account: &AccountId) {
        self.listed.retain(|(listed, _), _| listed != account);
    }

    /// Lets nobody join any load any more.
    pub(super) fn unlist_all(&mut self) {
        self.listed.clear();
    }
}

impl fmt::Debug for Loads {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Loads")
            .field("listed", &self.listed.len())
            .finish_non_exhaustive()
    }
}

/// Runs a load; its answer is of the time at which it was asked for.
pub(super) async fn answer<T: Datum>(
    load: impl Future<Output = Result<Option<T>, mono_client::Error>> + Send + 'static,
    asked_at: Timestamp,
) -> Loaded {
    match load.await {
        Ok(value) => Ok(value.map(|value| Answer::new(value, asked_at))),
        Err(mono_client::Error::NoData) => Ok(None),
        Err(error) => Err(Failed::Mono(error)),
    }
}
