//! Holding a name, so that one process at a time does what it stands for.

use tokio::sync::mpsc;

/// A name that is held until this is dropped, or until the process dies.
#[must_use]
#[derive(Debug)]
pub struct Hold {
    held: Option<(String, mpsc::UnboundedSender<String>)>,
}

impl Hold {
    /// On a database that has one process.
    pub(crate) fn alone() -> Self {
        Self { held: None }
    }

    /// Whoever holds names for us hears of the end.
    pub(crate) fn of(name: String, released: mpsc::UnboundedSender<String>) -> Self {
        Self {
            held: Some((name, released)),
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some((name, released)) = self.held.take() {
            // Nobody hears it when all is held no longer, because the store is closed.
            drop(released.send(name));
        }
    }
}
