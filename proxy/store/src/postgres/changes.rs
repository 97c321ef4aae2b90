//! Changes in PostgreSQL.
//!
//! A sequence hands out numbers before the commit, so that a larger number may be seen first, and
//! a page that stands there would never see the smaller one. Hence a lock per user: the numbers of
//! one user's changes grow in the order in which they can be seen. Between users they need not,
//! and a page stands at a number of its own user's only.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId, UserId};
use sqlx::{Postgres, Transaction};

use super::{Lock, PostgresStore, lock};
use crate::Error;
use crate::changes::{Change, ChangeStore, Changed};
use crate::row::{ChangeRow, read_all};

#[async_trait]
impl ChangeStore for PostgresStore {
    async fn changes_after(
        &self,
        user: &UserId,
        number: i64,
        limit: u32,
    ) -> Result<Vec<Change>, Error> {
        let rows: Vec<ChangeRow> = sqlx::query_as(
            "select number, account_id, what, job_id from changes
             where user_id = $1 and number > $2 order by number limit $3",
        )
        .bind(user.as_str())
        .bind(number)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        read_all(&self.keyring, rows)
    }

    async fn change_range(&self, user: &UserId) -> Result<Option<(i64, i64)>, Error> {
        let (oldest, newest): (Option<i64>, Option<i64>) = sqlx::query_as(
            "select (select min(number) from changes),
                    (select max(number) from changes where user_id = $1)",
        )
        .bind(user.as_str())
        .fetch_one(&self.pool)
        .await?;
        Ok(oldest.map(|oldest| (oldest, newest.unwrap_or_default())))
    }
}

impl PostgresStore {
    /// Writes a change, commits, and lets the other processes know. Nothing follows it in the
    /// transaction, so that the user's lock is held no longer than the commit takes.
    pub(super) async fn commit_with_change(
        &self,
        mut transaction: Transaction<'_, Postgres>,
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
        // A statement of its own: the number must not be drawn before the lock is held.
        lock(&mut transaction, Lock::ChangesOf, user.as_str()).await?;
        sqlx::query(
            "with change as (
               insert into changes (process, user_id, account_id, what, job_id, made_at)
               values ($1, $2, $3, $4, $5, $6)
               returning number
             )
             select pg_notify($7, concat_ws(' ', number, $1, $2, $3, $4)) from change",
        )
        .bind(self.process.number)
        .bind(user.as_str())
        .bind(account.as_str())
        .bind(word)
        .bind(job.map(JobId::as_str))
        .bind(at.as_millisecond())
        .bind(&self.process.channel)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}
