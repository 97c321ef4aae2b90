//! The audit log: what the site's own back end did with its keys.

use mono_connect_shared::service::{AuditEntry, AuditPage};
use mono_connect_store::NewAuditEntry;

use super::{Accounts, Error};

impl Accounts {
    /// Notes the use of a key. When this returns, it survives the loss of power.
    pub async fn note_use(&self, entry: &NewAuditEntry) -> Result<(), Error> {
        Ok(self.store().add_audit_entry(entry).await?)
    }

    /// Entries after this number.
    pub async fn audit_log(&self, after: i64, limit: u32) -> Result<AuditPage, Error> {
        // One more than asked for tells whether more follow.
        let mut entries = self
            .store()
            .audit_entries_after(after, limit.saturating_add(1))
            .await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = entries.len() > limit;
        entries.truncate(limit);
        let last = entries.last().map(|entry| entry.number.to_string());
        Ok(AuditPage {
            entries: entries.into_iter().map(shown).collect(),
            next_cursor: last.filter(|_| more),
        })
    }
}

/// An entry as the back end sees it.
pub(super) fn shown(entry: mono_connect_store::AuditEntry) -> AuditEntry {
    let mono_connect_store::AuditEntry { number, entry } = entry;
    AuditEntry {
        id: number.to_string(),
        at: entry.at,
        key: entry.key,
        action: entry.action,
        account_id: entry.account,
        user_id: entry.user,
        status: entry.status,
        request_id: entry.request_id,
    }
}
