//! The audit log in PostgreSQL.

use async_trait::async_trait;
use mono_connect_shared::id::{AccountId, UserId};

use super::{Lock, PostgresStore, lock};
use crate::Error;
use crate::audit::{AuditEntry, AuditStore, NewAuditEntry};
use crate::row::{AuditRow, read_all};

#[async_trait]
impl AuditStore for PostgresStore {
    async fn add_audit_entry(&self, entry: &NewAuditEntry) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        // Whoever reads on from a number must not miss a smaller one that is committed later.
        lock(&mut transaction, Lock::Audit, "").await?;
        sqlx::query(
            "insert into audit (at, key_name, action, account_id, user_id, status, request_id)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(entry.at.as_millisecond())
        .bind(&entry.key)
        .bind(&entry.action)
        .bind(entry.account.as_ref().map(AccountId::as_str))
        .bind(entry.user.as_ref().map(UserId::as_str))
        .bind(entry.status.map(i32::from))
        .bind(&entry.request_id)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn audit_entries_after(&self, number: i64, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        let rows: Vec<AuditRow> =
            sqlx::query_as("select * from audit where number > $1 order by number limit $2")
                .bind(number)
                .bind(i64::from(limit))
                .fetch_all(&self.pool)
                .await?;
        read_all(&self.keyring, rows)
    }
}
