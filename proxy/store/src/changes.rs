//! What changed for whom, in order: what live events are made of.
//!
//! A change names what changed, not how: whoever reads it late sees the newest state, and nothing
//! personal is kept twice.

use async_trait::async_trait;
use mono_connect_shared::id::{AccountId, JobId, UserId};

use crate::Error;

/// Keeps changes, written together with what changed.
#[async_trait]
pub trait ChangeStore: Send + Sync + 'static {
    /// The user's changes after this number, oldest first.
    async fn changes_after(
        &self,
        user: &UserId,
        number: i64,
        limit: u32,
    ) -> Result<Vec<Change>, Error>;

    /// Numbers of the oldest change of anybody's and of the user's newest, 0 where the user has
    /// none; nothing when nobody has any. Whatever changes for the user later gets a larger number
    /// than the user's newest; what changes for others may not.
    async fn change_range(&self, user: &UserId) -> Result<Option<(i64, i64)>, Error>;
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Nobody else's change has it, and it grows with every change of the user's: whoever has seen
    /// one has seen all of the user's with smaller numbers.
    pub number: i64,
    /// Of which account.
    pub account: AccountId,
    /// What changed.
    pub what: Changed,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The account, or it is new.
    Account,
    /// One of its jobs.
    Job(JobId),
    /// It is gone.
    Removed,
}
