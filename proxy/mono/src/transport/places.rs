//! How many calls are under way at once: in all, of one kind, and in the background.
//!
//! One kind of call that has become slow leaves a quarter of the places to the others, and work in
//! the background takes no more than a quarter. Who finds too many waiting does not wait.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;

/// So many may wait for each place.
const WAITING_PER_PLACE: usize = 8;

/// The places of one client.
#[derive(Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    background: Arc<Semaphore>,
    /// By the kind of call; as many as there are kinds.
    shares: Mutex<HashMap<&'static str, Arc<Semaphore>>>,
    share: usize,
    waiting: AtomicUsize,
    most_waiting: usize,
}

/// Held while a call is under way.
#[must_use]
pub(super) struct Place {
    _held: [Option<OwnedSemaphorePermit>; 3],
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(count)),
            background: Arc::new(Semaphore::new((count / 4).max(1))),
            shares: Mutex::default(),
            share: count - count / 4,
            waiting: AtomicUsize::new(0),
            most_waiting: count * WAITING_PER_PLACE,
        }
    }

    /// Waits for a place, for this time at most.
    pub(super) async fn take(
        &self,
        name: &'static str,
        in_background: bool,
        patience: Duration,
    ) -> Result<Place, Error> {
        let waiting = Waiting::new(&self.waiting);
        if waiting.before >= self.most_waiting {
            return Err(Error::Crowded);
        }
        // The narrow ones first: who waits there takes no place from anybody else.
        let take = async {
            let background = if in_background {
                Some(Arc::clone(&self.background).acquire_owned().await.ok()?)
            } else {
                None
            };
            let share = self.share_of(name).acquire_owned().await.ok()?;
            let place = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Place {
                _held: [background, Some(share), Some(place)],
            })
        };
        tokio::time::timeout(patience, take)
            .await
            .ok()
            .flatten()
            .ok_or(Error::Timeout { sent: false })
    }

    fn share_of(&self, name: &'static str) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let share = shares
            .entry(name)
            .or_insert_with(|| Arc::new(Semaphore::new(self.share)));
        Arc::clone(share)
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.all.available_permits()
    }
}

/// Counted as one who waits, until it is dropped.
struct Waiting<'a> {
    count: &'a AtomicUsize,
    before: usize,
}

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        let before = count.fetch_add(1, Ordering::Relaxed);
        Self { count, before }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn one_slow_call_leaves_places_to_the_others() {
        let places = Places::new(8);
        let mut held = Vec::new();
        for _ in 0..6 {
            held.push(places.take("slow", false, PATIENCE).await.unwrap());
        }
        let waits = places.take("slow", false, PATIENCE).await;
        assert!(matches!(waits.err(), Some(Error::Timeout { sent: false })));
        for _ in 0..2 {
            held.push(places.take("quick", false, PATIENCE).await.unwrap());
        }
        assert_eq!(places.free(), 0);
        drop(held);
        assert_eq!(places.free(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn the_background_leaves_places_to_pages() {
        let places = Places::new(8);
        let first = places.take("a", true, PATIENCE).await.unwrap();
        let second = places.take("b", true, PATIENCE).await.unwrap();
        assert!(places.take("c", true, PATIENCE).await.is_err());
        let page = places.take("c", false, PATIENCE).await.unwrap();
        drop((first, second, page));
        // Where there is one place only, it is shared.
        let places = Places::new(1);
        drop(places.take("a", true, PATIENCE).await.unwrap());
        drop(places.take("a", false, PATIENCE).await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_too_many_waiting_does_not_wait() {
        let places = Arc::new(Places::new(1));
        let held = places.take("a", false, PATIENCE).await.unwrap();
        let waiting: Vec<_> = (0..WAITING_PER_PLACE)
            .map(|_| {
                let places = Arc::clone(&places);
                tokio::spawn(async move { places.take("a", false, PATIENCE).await.map(drop) })
            })
            .collect();
        tokio::task::yield_now().await;
        let refused = places.take("a", false, PATIENCE).await;
        assert!(matches!(refused.err(), Some(Error::Crowded)));
        drop(held);
        for task in waiting {
            task.await.unwrap().unwrap();
        }
        assert_eq!(places.waiting.load(Ordering::Relaxed), 0);
        drop(places.take("a", false, PATIENCE).await.unwrap());
    }
}
