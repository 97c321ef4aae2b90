//! Changes in SQLite.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId, UserId};
use sqlx::{Sqlite, Transaction};

use super::SqliteStore;
use crate::Error;
use crate::changes::{Change, ChangeStore, Changed};
use crate::row::{ChangeRow, read_all};

#[async_trait]
impl ChangeStore for SqliteStore {
    async fn changes_after(
        &self,
        user: &UserId,
        number: i64,
        limit: u32,
    ) -> Result<Vec<Change>, Error> {
        let rows: Vec<ChangeRow> = sqlx::query_as(
            "select number, account_id, what, job_id from changes
             where user_id = ? and number > ? order by number limit ?",
        )
        .bind(user.as_str())
        .bind(number)
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        read_all(&self.keyring, rows)
    }

    async fn change_range(&self, user: &UserId) -> Result<Option<(i64, i64)>, Error> {
        let (oldest, newest): (Option<i64>, Option<i64>) = sqlx::query_as(
            "select (select min(number) from changes),
                    (select max(number) from changes where user_id = ?)",
        )
        .bind(user.as_str())
        .fetch_one(&self.reader)
        .await?;
        Ok(oldest.map(|oldest| (oldest, newest.unwrap_or_default())))
    }
}

pub(super) async fn add_change(
    transaction: &mut Transaction<'_, Sqlite>,
    user: &UserId,
    account: &AccountId,
    what: &Changed,
    at: Timestamp,
) -> Result<(), Error> {
    let (word, job) = match what {
        Changed::Account => ("account", None),
        Changed::Job(job) => ("job", Some(job)),
        Changed::Removed => ("removed", None),
    };
    sqlx::query(
        "insert into changes (user_id, account_id, what, job_id, made_at) values (?, ?, ?, ?, ?)",
    )
    .bind(user.as_str())
    .bind(account.as_str())
    .bind(word)
    .bind(job.map(JobId::as_str))
    .bind(at.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
