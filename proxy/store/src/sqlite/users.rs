//! Everything of one user, in SQLite.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use sqlx::FromRow;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::SqliteStore;
use super::erasure::erase_events_of_attempts;
use crate::Error;
use crate::record::AccountRecord;
use crate::row::{
    AccountRow, AuditRow, ExchangeRow, JobRow, LinkSessionRow, OutboxRow, Row, UserChangeRow,
    read_all,
};
use crate::sealed::Keyring;
use crate::users::{UserErasure, UserRecords, UserStore};

/// What is erased of a user who has no accounts. That accounts are gone is told to open pages; those
/// changes are soon pruned. That their links have ended is still to be told to the site's back end.
const ERASE: [&str; 6] = [
    "delete from link_sessions where user_id = ?",
    "delete from exchanges where user_id = ?",
    "delete from jobs where user_id = ?",
    "update changes set user_id = '', account_id = '', job_id = null
     where user_id = ? and what not in ('removed', 'erased')",
    "update changes set what = 'erased' where user_id = ? and what = 'removed'",
    "delete from outbox where user_id = ? and kind <> 'account.unlinked'",
];

#[async_trait]
impl UserStore for SqliteStore {
    async fn accounts_after(
        &self,
        user: Option<&UserId>,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error> {
        let after = after.map_or("", AccountId::as_str);
        let query = match user {
            Some(user) => sqlx::query_as(
                "select * from accounts where user_id = ? and id > ? order by id limit ?",
            )
            .bind(user.as_str()),
            None => sqlx::query_as("select * from accounts where id > ? order by id limit ?"),
        };
        let rows: Vec<AccountRow> = query
            .bind(after)
            .bind(limit)
            .fetch_all(&self.reader)
            .await?;
        read_all(&self.keyring, rows)
    }

    async fn records_of_user(&self, user: &UserId) -> Result<UserRecords, Error> {
        let mut snapshot = self.reader.begin().await?;
        Ok(UserRecords {
            accounts: rows::<AccountRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from accounts where user_id = ? order by linked_at, id",
            )
            .await?,
            link_sessions: rows::<LinkSessionRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from link_sessions where user_id = ? order by created_at, reference",
            )
            .await?,
            exchanges: rows::<ExchangeRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from exchanges where user_id = ? order by started_at, code_hash",
            )
            .await?,
            jobs: rows::<JobRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from jobs where user_id = ? order by started_at, id",
            )
            .await?,
            changes: rows::<UserChangeRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select number, made_at, account_id from changes where user_id = ?
                     order by number",
            )
            .await?,
            messages: rows::<OutboxRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from outbox where user_id = ? order by number",
            )
            .await?,
            audit: rows::<AuditRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from audit where user_id = ? order by number",
            )
            .await?,
        })
    }

    async fn erase_user(&self, user: &UserId, at: Timestamp) -> Result<UserErasure, Error> {
        let mut transaction = self.begin().await?;
        let linked: Option<i64> =
            sqlx::query_scalar("select 1 from accounts where user_id = ? limit 1")
                .bind(user.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
        if linked.is_some() {
            return Ok(UserErasure::StillLinked);
        }
        erase_events_of_attempts(&mut transaction, user, at).await?;
        for statement in ERASE {
            sqlx::query(statement)
                .bind(user.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        self.empty_log().await;
        Ok(UserErasure::Erased)
    }
}

async fn rows<R>(
    keyring: &Keyring,
    snapshot: &mut SqliteConnection,
    user: &UserId,
    query: &'static str,
) -> Result<Vec<R::Record>, Error>
where
    R: Row + for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
{
    let rows: Vec<R> = sqlx::query_as(query)
        .bind(user.as_str())
        .fetch_all(snapshot)
        .await?;
    read_all(keyring, rows)
}
