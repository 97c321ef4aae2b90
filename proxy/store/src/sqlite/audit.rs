//! The audit log in SQLite.

use async_trait::async_trait;
use mono_connect_shared::id::{AccountId, UserId};

use super::SqliteStore;
use crate::Error;
use crate::audit::{AuditEntry, AuditStore, NewAuditEntry};
use crate::row::{AuditRow, read_all};

#[async_trait]
impl AuditStore for SqliteStore {
    async fn add_audit_entry(&self, entry: &NewAuditEntry) -> Result<(), Error> {
        sqlx::query(
            "insert into audit (at, key_name, action, account_id, user_id, status, request_id)
             values (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(entry.at.as_millisecond())
        .bind(&entry.key)
        .bind(&entry.action)
        .bind(entry.account.as_ref().map(AccountId::as_str))
        .bind(entry.user.as_ref().map(UserId::as_str))
        .bind(entry.status.map(i32::from))
        .bind(&entry.request_id)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn audit_entries_after(&self, number: i64, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        let rows: Vec<AuditRow> =
            sqlx::query_as("select * from audit where number > ? order by number limit ?")
                .bind(number)
                .bind(limit)
                .fetch_all(&self.reader)
                .await?;
        read_all(&self.keyring, rows)
    }
}

#[cfg(test)]
mod tests {
    use mono_connect_shared::Timestamp;

    use super::*;
    use crate::SqliteLocation;

    #[tokio::test]
    async fn an_entry_is_never_changed_and_never_removed() {
        let store = SqliteStore::open(&SqliteLocation::Memory).await.unwrap();
        let entry = NewAuditEntry {
            at: Timestamp::UNIX_EPOCH,
            key: "crm".to_owned(),
            action: "GET /service/audit".to_owned(),
            account: None,
            user: None,
            status: Some(200),
            request_id: "req".to_owned(),
        };
        store.add_audit_entry(&entry).await.unwrap();
        for statement in ["update audit set key_name = 'other'", "delete from audit"] {
            let refused = sqlx::query(statement).execute(&store.writer).await;
            assert!(
                refused.unwrap_err().to_string().contains("append-only"),
                "{statement}"
            );
        }
        let kept = store.audit_entries_after(0, 9).await.unwrap();
        assert_eq!(kept[0].entry, entry);
    }
}
