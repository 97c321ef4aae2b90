//! The hub of live events: wakes whoever watches a user's accounts.
//!
//! It carries no data. What changed stands in the store, in order; a stream that is woken, or that
//! was not, reads on from where it was. So nothing is buffered for a slow reader.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mono_connect_shared::id::UserId;
use tokio::sync::watch;

/// Pages of one user that may watch at once.
const PAGES_PER_USER: usize = 32;

/// Wakes the streams of this process.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    streams: Mutex<HashMap<UserId, watch::Sender<()>>>,
}

impl Hub {
    /// Says that something of this user's changed.
    pub(crate) fn wake(&self, user: &UserId) {
        let mut streams = self.streams();
        if let Some(stream) = streams.get(user)
            && stream.send(()).is_err()
        {
            // Nobody watches any more.
            streams.remove(user);
        }
    }

    /// Watches this user's accounts. None when too many pages of this user's watch already.
    pub(crate) fn watch(&self, user: &UserId) -> Option<watch::Receiver<()>> {
        let mut streams = self.streams();
        // The last ones to go away are noticed here as well, should nothing of theirs change again.
        streams.retain(|_, stream| stream.receiver_count() > 0);
        let stream = streams
            .entry(user.clone())
            .or_insert_with(|| watch::Sender::new(()));
        (stream.receiver_count() < PAGES_PER_USER).then(|| stream.subscribe())
    }

    fn streams(&self) -> MutexGuard<'_, HashMap<UserId, watch::Sender<()>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
