//! Removing what nobody will ask for any more.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;

use crate::Error;

/// Removes old rows. How old is for the caller to say.
#[async_trait]
pub trait PruneStore: Send + Sync + 'static {
    /// Removes rows of this kind that were over before `before`, `limit` at most; how many there
    /// were.
    async fn prune(&self, what: Prunable, before: Timestamp, limit: u32) -> Result<u64, Error>;
}

/// What is kept for a time only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prunable {
    /// Attempts to link, by their expiry, used or not.
    LinkSessions,
    /// Exchanged codes and intents, by their start.
    Exchanges,
    /// Events that are done, by when they were.
    DoneEvents,
    /// Events that wait for something that never came, by when they were received.
    WaitingEvents,
    /// Jobs that have ended, by their last change.
    EndedJobs,
    /// Whose each statement PDF is, by its start.
    StatementPdfs,
    /// That accounts were erased, by when they were.
    ErasedAccounts,
    /// Messages for the site's back end, delivered or not, by when they were written.
    OutboxMessages,
    /// Changes, by when they were made; always the oldest ones, so that no gap comes about. Of the
    /// newest the number stays, so that it is known how far the numbers have come, and no name.
    Changes,
    /// What told the pages of erased users that accounts are gone, by when it did: numbers stay, names
    /// do not.
    ErasedUsers,
}
