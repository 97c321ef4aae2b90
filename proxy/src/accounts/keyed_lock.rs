//! A lock for each key, gone when nobody wants it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

/// Lets one task at a time work on a key.
#[derive(Debug)]
pub(super) struct KeyedLock<K: Eq + Hash + Clone> {
    locks: Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>,
}

impl<K: Eq + Hash + Clone> Default for KeyedLock<K> {
    fn default() -> Self {
        Self {
            locks: Mutex::default(),
        }
    }
}

/// Held while working on a key.
#[must_use]
pub(super) struct KeyGuard<'a, K: Eq + Hash + Clone> {
    owner: &'a KeyedLock<K>,
    key: K,
    guard: Option<OwnedMutexGuard<()>>,
}

impl<K: Eq + Hash + Clone> KeyedLock<K> {
    /// Waits until nobody else works on the key. None when that takes longer than `patience`.
    pub(super) async fn lock(&self, key: &K, patience: Duration) -> Option<KeyGuard<'_, K>> {
        let lock = Arc::clone(self.locks().entry(key.clone()).or_default());
        // Built before waiting, so that a waiter that gives up cleans up as well.
        let mut held = KeyGuard {
            owner: self,
            key: key.clone(),
            guard: None,
        };
        held.guard = Some(
            tokio::time::timeout(patience, lock.lock_owned())
                .await
                .ok()?,
        );
        Some(held)
    }

    fn locks(&self) -> MutexGuard<'_, HashMap<K, Arc<tokio::sync::Mutex<()>>>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone> Drop for KeyGuard<'_, K> {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut locks = self.owner.locks();
        // Only the map has it: nobody holds it or waits for it.
        if locks
            .get(&self.key)
            .is_some_and(|lock| Arc::strong_count(lock) == 1)
        {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn one_at_a_time_and_nothing_left() {
        let locks = KeyedLock::<u8>::default();
        let held = locks.lock(&1, LONG).await;
        let other = locks.lock(&2, LONG).await;
        {
            let waiting = locks.lock(&1, LONG);
            tokio::pin!(waiting);
            // Polled once and given up: still waiting.
            assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        }
        drop(held);
        let again = locks.lock(&1, LONG).await;
        assert!(again.is_some());
        drop(again);
        drop(other);
        assert!(locks.locks().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever_for_one_who_hangs() {
        let locks = KeyedLock::<u8>::default();
        let hangs = locks.lock(&1, LONG).await;
        assert!(locks.lock(&1, Duration::from_mins(1)).await.is_none());
        drop(hangs);
        assert!(locks.lock(&1, Duration::from_mins(1)).await.is_some());
        assert!(locks.locks().is_empty());
    }
}
