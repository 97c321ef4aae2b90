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

    /// Numbers of the oldest and the newest change of anybody's; none when there are none.
    async fn change_range(&self) -> Result<Option<(i64, i64)>, Error>;
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Grows with every change of anybody's.
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
