//! What the site's own back end did with its keys. Entries are added, never changed and never
//! removed.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};

use crate::Error;

/// Keeps the audit log.
#[async_trait]
pub trait AuditStore: Send + Sync + 'static {
    /// Adds an entry. When this returns, it survives the loss of power.
    async fn add_audit_entry(&self, entry: &NewAuditEntry) -> Result<(), Error>;

    /// Entries after this number, oldest first.
    async fn audit_entries_after(&self, number: i64, limit: u32) -> Result<Vec<AuditEntry>, Error>;
}

/// One use of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEntry {
    /// When.
    pub at: Timestamp,
    /// By the key of this name.
    pub key: String,
    /// What: method and route.
    pub action: String,
    /// Which account it was about, if one.
    pub account: Option<AccountId>,
    /// Whose data it was about, if one user's.
    pub user: Option<UserId>,
    /// The answer's HTTP status; none before something that changes anything begins.
    pub status: Option<u16>,
    /// The request's id, under which the log has more.
    pub request_id: String,
}

/// One use of a key, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Grows with every entry.
    pub number: i64,
    /// What was noted.
    pub entry: NewAuditEntry,
}
