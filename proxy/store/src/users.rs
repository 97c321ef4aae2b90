//! Everything of one user, and the accounts of all of them.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};

use crate::Error;
use crate::audit::AuditEntry;
use crate::jobs::JobRecord;
use crate::links::{Exchange, LinkSessionRecord};
use crate::outbox::OutboxMessage;
use crate::record::AccountRecord;

/// For the site's own back end, never for a page.
#[async_trait]
pub trait UserStore: Send + Sync + 'static {
    /// Accounts after this id, by their ids; of one user, or of all.
    async fn accounts_after(
        &self,
        user: Option<&UserId>,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error>;

    /// Everything that names the user.
    async fn records_of_user(&self, user: &UserId) -> Result<UserRecords, Error>;

    /// Erases what names the user, events that wait for the user's attempts included, apart from the
    /// audit log and from what tells open pages that accounts are gone: that goes with
    /// [`Prunable::ErasedUsers`]. Does nothing as long as the user has accounts: each must be
    /// unlinked first.
    ///
    /// [`Prunable::ErasedUsers`]: crate::Prunable::ErasedUsers
    async fn erase_user(&self, user: &UserId, at: Timestamp) -> Result<UserErasure, Error>;
}

/// Everything that names a user.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UserRecords {
    /// In the order in which they were linked.
    pub accounts: Vec<AccountRecord>,
    /// Attempts to link, by their begin.
    pub link_sessions: Vec<LinkSessionRecord>,
    /// Codes that the user brought, by when they were.
    pub exchanges: Vec<Exchange>,
    /// By their start.
    pub jobs: Vec<JobRecord>,
    /// What changed for the user: when, and which account.
    pub changes: Vec<(Timestamp, AccountId)>,
    /// What the site's back end is still to be told.
    pub messages: Vec<OutboxMessage>,
    /// What the site's back end did with the user's data.
    pub audit: Vec<AuditEntry>,
}

/// What erasing a user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserErasure {
    /// Nothing names the user any more.
    Erased,
    /// The user has accounts.
    StillLinked,
}
