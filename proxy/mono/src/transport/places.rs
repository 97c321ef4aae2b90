//! How many calls are under way at once: in all, of one kind, and in the background.
//!
//! One kind of call that has become slow leaves a quarter of the places to the others, and work in
//! the background takes no more than a quarter. Who finds too many waiting does not wait.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;

/// One part of so many is for the background, and one is kept from each kind of call.
const PARTS: usize = 4;
/// So many may wait for each place.
const WAITING_PER_PLACE: usize = 8;

/// The places of one client.
#[derive(Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    background: Arc<Queue>,
    /// By the kind of call; as many as there are kinds.
    kinds: Mutex<HashMap<&'static str, Arc<Queue>>>,
    of_kind: usize,
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
            background: Arc::new(Queue::new((count / PARTS).max(1))),
            kinds: Mutex::default(),
            of_kind: count - count / PARTS,
        }
    }

    /// Waits for a place.
    pub(super) async fn take(
        &self,
        name: &'static str,
        in_background: bool,
    ) -> Result<Place, Error> {
        // The narrow ones first: who waits there takes no place from anybody else.
        let background = if in_background {
            Some(self.background.take().await?)
        } else {
            None
        };
        let of_kind = self.kind(name).take().await?;
        let place = Arc::clone(&self.all).acquire_owned().await;
        Ok(Place {
            _held: [background, Some(of_kind), place.ok()],
        })
    }

    fn kind(&self, name: &'static str) -> Arc<Queue> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = kinds.entry(name);
        Arc::clone(kind.or_insert_with(|| Arc::new(Queue::new(self.of_kind))))
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.all.available_permits()
    }
}

/// Some places, and those who wait for one of them.
#[derive(Debug)]
struct Queue {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    longest: usize,
}

impl Queue {
    fn new(places: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: AtomicUsize::new(0),
            longest: places * WAITING_PER_PLACE,
        }
    }

    async fn take(&self) -> Result<OwnedSemaphorePermit, Error> {
        let places = Arc::clone(&self.places);
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            return Ok(place);
        }
        let waiting = Waiting::new(&self.waiting);
        if waiting.before >= self.longest {
            return Err(Error::Crowded);
        }
        // It is never closed.
        places.acquire_owned().await.map_err(|_| Error::Crowded)
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
    use futures_util::FutureExt as _;

    use super::*;

    /// What becomes of it at once; `None`: it waits.
    fn take(
        places: &Places,
        name: &'static str,
        in_background: bool,
    ) -> Option<Result<Place, Error>> {
        places.take(name, in_background).now_or_never()
    }

    #[test]
    fn one_slow_call_leaves_places_to_the_others() {
        let places = Places::new(8);
        let mut held = Vec::new();
        for _ in 0..6 {
            held.push(take(&places, "slow", false).unwrap().unwrap());
        }
        assert!(take(&places, "slow", false).is_none());
        for _ in 0..2 {
            held.push(take(&places, "quick", false).unwrap().unwrap());
        }
        assert_eq!(places.free(), 0);
        drop(held);
        assert_eq!(places.free(), 8);
    }

    #[test]
    fn the_background_leaves_places_to_pages() {
        let places = Places::new(8);
        let first = take(&places, "a", true).unwrap().unwrap();
        let second = take(&places, "b", true).unwrap().unwrap();
        assert!(take(&places, "c", true).is_none());
        let page = take(&places, "c", false).unwrap().unwrap();
        drop((first, second, page));
        // Where there is one place only, it is shared.
        let places = Places::new(1);
        drop(take(&places, "a", true).unwrap().unwrap());
        drop(take(&places, "a", false).unwrap().unwrap());
    }

    #[tokio::test]
    async fn who_finds_too_many_waiting_does_not_wait() {
        let places = Places::new(4);
        let of_kind = 3;
        let held: Vec<_> = (0..of_kind)
            .map(|_| take(&places, "slow", false).unwrap().unwrap())
            .collect();
        let mut waiting: Vec<_> = (0..of_kind * WAITING_PER_PLACE)
            .map(|_| Box::pin(places.take("slow", false)))
            .collect();
        for waits in &mut waiting {
            assert!(waits.now_or_never().is_none());
        }
        let refused = take(&places, "slow", false).unwrap();
        assert!(matches!(refused.err(), Some(Error::Crowded)));
        // Others are not in that queue.
        drop(take(&places, "quick", false).unwrap().unwrap());
        // Who goes away makes room, and leaves nothing behind.
        drop(waiting.pop());
        let mut late = Box::pin(places.take("slow", false));
        assert!((&mut late).now_or_never().is_none());
        drop(held);
        for waits in waiting {
            drop(waits.await.unwrap());
        }
        drop(late.await.unwrap());
        assert_eq!(places.kind("slow").waiting.load(Ordering::Relaxed), 0);
        assert_eq!(places.free(), 4);
    }
}
