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

/// Pages that may watch at once, whoever's they are. Each holds a connection, and sessions cost
/// nothing; fewer than the connections that are accepted, so that something else is answered, too.
const PAGES: usize = 12_288;

/// Why nobody more may watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// This user has too many pages.
    OfUser,
    /// All users together have too many.
    OfAll,
}

/// Wakes the streams of this process.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    streams: Mutex<Streams>,
}

#[derive(Debug, Default)]
struct Streams {
    of_user: HashMap<UserId, watch::Sender<()>>,
    /// How many there are when nobody has gone since they were last counted.
    at_most: usize,
}

impl Hub {
    /// Says that something of this user's changed.
    pub(crate) fn wake(&self, user: &UserId) {
        let mut streams = self.streams();
        if let Some(stream) = streams.of_user.get(user)
            && stream.send(()).is_err()
        {
            // Nobody watches any more.
            streams.of_user.remove(user);
        }
    }

    /// Says that something of anybody's may have changed.
    pub(crate) fn wake_all(&self) {
        for stream in self.streams().of_user.values() {
            stream.send_replace(());
        }
    }

    /// Watches this user's accounts.
    pub(crate) fn watch(&self, user: &UserId) -> Result<watch::Receiver<()>, Full> {
        let mut streams = self.streams();
        if streams.at_most >= PAGES {
            streams.count();
        }
        if streams.at_most >= PAGES {
            return Err(Full::OfAll);
        }
        let stream = streams
            .of_user
            .entry(user.clone())
            .or_insert_with(|| watch::Sender::new(()));
        if stream.receiver_count() >= PAGES_PER_USER {
            return Err(Full::OfUser);
        }
        let receiver = stream.subscribe();
        streams.at_most += 1;
        Ok(receiver)
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    /// Counts who is there, and forgets who has gone.
    fn count(&mut self) {
        self.of_user.retain(|_, stream| stream.receiver_count() > 0);
        self.at_most = self
            .of_user
            .values()
            .map(watch::Sender::receiver_count)
            .sum();
    }
}
