//! Everything of one user, in PostgreSQL.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use sqlx::FromRow;
use sqlx::postgres::{PgConnection, PgRow};

use super::PostgresStore;
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
    "delete from link_sessions where user_id = $1",
    "delete from exchanges where user_id = $1",
    "delete from jobs where user_id = $1",
    "update changes set user_id = '', account_id = '', job_id = null
     where user_id = $1 and what not in ('removed', 'erased')",
    "update changes set what = 'erased' where user_id = $1 and what = 'removed'",
    "delete from outbox where user_id = $1 and kind <> 'account.unlinked'",
];

#[async_trait]
impl UserStore for PostgresStore {
    async fn accounts_after(
        &self,
        user: Option<&UserId>,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error> {
        let after = after.map_or("", AccountId::as_str);
        let limit = i64::from(limit);
        let rows: Vec<AccountRow> =
            match user {
                Some(user) => sqlx::query_as(
                    "select * from accounts where user_id = $1 and id > $2 order by id limit $3",
                )
                .bind(user.as_str())
                .bind(after)
                .bind(limit)
                .fetch_all(&self.pool)
                .await?,
                None => {
                    sqlx::query_as("select * from accounts where id > $1 order by id limit $2")
                        .bind(after)
                        .bind(limit)
                        .fetch_all(&self.pool)
                        .await?
                }
            };
        read_all(&self.keyring, rows)
    }

    async fn records_of_user(&self, user: &UserId) -> Result<UserRecords, Error> {
        let mut snapshot = self.begin().await?;
        sqlx::query("set transaction isolation level repeatable read, read only")
            .execute(&mut *snapshot)
            .await?;
        Ok(UserRecords {
            accounts: rows::<AccountRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from accounts where user_id = $1 order by linked_at, id",
            )
            .await?,
            link_sessions: rows::<LinkSessionRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from link_sessions where user_id = $1 order by created_at, reference",
            )
            .await?,
            exchanges: rows::<ExchangeRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from exchanges where user_id = $1 order by started_at, code_hash",
            )
            .await?,
            jobs: rows::<JobRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from jobs where user_id = $1 order by started_at, id",
            )
            .await?,
            changes: rows::<UserChangeRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select number, made_at, account_id from changes where user_id = $1
                     order by number",
            )
            .await?,
            messages: rows::<OutboxRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from outbox where user_id = $1 order by number",
            )
            .await?,
            audit: rows::<AuditRow>(
                &self.keyring,
                &mut snapshot,
                user,
                "select * from audit where user_id = $1 order by number",
            )
            .await?,
        })
    }

    async fn erase_user(&self, user: &UserId, at: Timestamp) -> Result<UserErasure, Error> {
        let mut transaction = self.begin().await?;
        // First, because it waits for whoever is about to link an account: then that one is seen.
        sqlx::query("select 1 from link_sessions where user_id = $1 for update")
            .bind(user.as_str())
            .execute(&mut *transaction)
            .await?;
        erase_events_of_attempts(&mut transaction, user, at).await?;
        for statement in ERASE {
            sqlx::query(statement)
                .bind(user.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        let linked: bool =
            sqlx::query_scalar("select exists (select 1 from accounts where user_id = $1)")
                .bind(user.as_str())
                .fetch_one(&mut *transaction)
                .await?;
        if linked {
            transaction.rollback().await?;
            return Ok(UserErasure::StillLinked);
        }
        transaction.commit().await?;
        Ok(UserErasure::Erased)
    }
}

async fn rows<R>(
    keyring: &Keyring,
    snapshot: &mut PgConnection,
    user: &UserId,
    query: &'static str,
) -> Result<Vec<R::Record>, Error>
where
    R: Row + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let rows: Vec<R> = sqlx::query_as(query)
        .bind(user.as_str())
        .fetch_all(snapshot)
        .await?;
    read_all(keyring, rows)
}
