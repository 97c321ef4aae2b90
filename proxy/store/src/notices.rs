//! What other processes on the same database did.

use mono_connect_shared::id::{AccountId, UserId};
use tokio::sync::mpsc;

/// What another process did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// It wrote a change of this account's.
    Changed {
        /// Whose account.
        user: UserId,
        /// Which.
        account: AccountId,
        /// Whether it is gone.
        removed: bool,
    },
    /// The others were not heard for so long that anything may have changed.
    Missed,
}

/// Notices as they come: within a second of the change, each once.
#[derive(Debug)]
pub struct Notices {
    receiver: Option<mpsc::Receiver<Notice>>,
}

impl Notices {
    /// Of a database that has one process.
    pub(crate) fn none() -> Self {
        Self { receiver: None }
    }

    pub(crate) fn of(receiver: mpsc::Receiver<Notice>) -> Self {
        Self {
            receiver: Some(receiver),
        }
    }

    /// Waits for the next one: for ever where there are no other processes.
    pub async fn next(&mut self) -> Notice {
        if let Some(receiver) = &mut self.receiver
            && let Some(notice) = receiver.recv().await
        {
            return notice;
        }
        std::future::pending().await
    }
}
