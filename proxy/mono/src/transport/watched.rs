//! One call from beginning to end, as the observer hears of it.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::Instant;

use crate::error::Error;
use crate::observer::{EndedCall, Observer};

/// Tells the observer when it is dropped, also when the caller has gone away.
pub(super) struct Watched<'a> {
    observer: &'a dyn Observer,
    resource: &'static str,
    started: Instant,
    attempts: AtomicU32,
    outcome: &'static str,
}

impl<'a> Watched<'a> {
    pub(super) fn new(observer: &'a dyn Observer, resource: &'static str) -> Self {
        Self {
            observer,
            resource,
            started: Instant::now(),
            attempts: AtomicU32::new(0),
            outcome: "abandoned",
        }
    }

    /// Gives how many there were before.
    pub(super) fn attempt_begins(&self) -> u32 {
        self.attempts.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn ends<T>(mut self, result: &Result<T, Error>) {
        self.outcome = result.as_ref().err().map_or("ok", Error::name);
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.observer.call_ended(&EndedCall {
            resource: self.resource,
            outcome: self.outcome,
            took: self.started.elapsed(),
            repeats: self.attempts.load(Ordering::Relaxed).saturating_sub(1),
        });
    }
}
