//! The audit log in memory.

use async_trait::async_trait;

use super::MemoryStore;
use crate::Error;
use crate::audit::{AuditEntry, AuditStore, NewAuditEntry};

#[async_trait]
impl AuditStore for MemoryStore {
    async fn add_audit_entry(&self, entry: &NewAuditEntry) -> Result<(), Error> {
        let mut tables = self.tables();
        let number = tables.audit.last().map_or(1, |last| last.number + 1);
        let entry = entry.clone();
        tables.audit.push(AuditEntry { number, entry });
        Ok(())
    }

    async fn audit_entries_after(&self, number: i64, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        let tables = self.tables();
        let after = tables.audit.iter().filter(|entry| entry.number > number);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(after.take(limit).cloned().collect())
    }
}
