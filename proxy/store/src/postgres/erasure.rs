//! Erasing accounts in PostgreSQL.

use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use sqlx::{Postgres, Transaction};

use super::outbox::end_messages;
use super::{Lock, PostgresStore, lock};
use crate::Error;
use crate::accounts::digest_of;
use crate::changes::Changed;
use crate::outbox::NewMessage;

/// Everything that names an account, and last the account itself.
const ERASE: [&str; 5] = [
    "delete from jobs where account_id = $1",
    "delete from exchanges where account_id = $1 or reference in (
       select reference from link_sessions where account_id = $1
       union select reference from accounts where id = $1
     )",
    "delete from link_sessions where account_id = $1 or reference in (
       select reference from accounts where id = $1
     )",
    "delete from changes where account_id = $1",
    "delete from accounts where id = $1",
];

impl PostgresStore {
    /// Erases the user's account. Whether there was one.
    pub(super) async fn erase(
        &self,
        user: &UserId,
        id: &AccountId,
        at: Timestamp,
        last: Option<&NewMessage>,
    ) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        // In the order in which linking locks them.
        sqlx::query(
            "select 1 from link_sessions where account_id = $1 or reference in (
               select reference from accounts where id = $1
             ) for update",
        )
        .bind(id.as_str())
        .execute(&mut *transaction)
        .await?;
        let exists: Option<i32> =
            sqlx::query_scalar("select 1 from accounts where id = $1 and user_id = $2 for update")
                .bind(id.as_str())
                .bind(user.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
        if exists.is_none() {
            transaction.rollback().await?;
            return Ok(false);
        }
        let later = forget_duplicates_of(&mut transaction, id, at).await?;
        for statement in ERASE {
            sqlx::query(statement)
                .bind(id.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        erase_events(&mut transaction, id, at).await?;
        end_messages(&mut transaction, &self.keyring, id, last).await?;
        lock(&mut transaction, Lock::ChangesOf, user.as_str()).await?;
        for account in later {
            sqlx::query(
                "insert into changes (process, user_id, account_id, what, made_at)
                 values ($1, $2, $3, 'account', $4)",
            )
            .bind(self.process.number)
            .bind(user.as_str())
            .bind(account)
            .bind(at.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        }
        // Its notice wakes the user's pages for the others, too.
        self.commit_with_change(transaction, user, id, &Changed::Removed, at)
            .await?;
        Ok(true)
    }
}

/// The keys stay, so that the same events are known again.
async fn erase_events(
    transaction: &mut Transaction<'_, Postgres>,
    id: &AccountId,
    at: Timestamp,
) -> Result<(), Error> {
    // An event that is about to wait for the account either is seen here, or sees that it is erased.
    lock(transaction, Lock::Awaited, id.as_str()).await?;
    sqlx::query(
        "update inbox set body = ''::bytea, due_at = null, waits_for_account = null,
           waits_for_job = null, account_id = null, reference = null,
           done_at = coalesce(done_at, $1)
         where account_id = $2 or waits_for_account = $2",
    )
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "insert into erased_accounts (digest, at) values ($1, $2)
         on conflict (digest) do update set at = excluded.at",
    )
    .bind(digest_of(id))
    .bind(at.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Erases what Mono told of the user's attempts to link, and of accounts that it says came of them
/// and that nobody has.
pub(super) async fn erase_events_of_attempts(
    transaction: &mut Transaction<'_, Postgres>,
    user: &UserId,
    at: Timestamp,
) -> Result<(), Error> {
    let accounts: Vec<String> = sqlx::query_scalar(
        "select distinct account_id from inbox
         where reference in (
             select reference from link_sessions where user_id = $1
             union select reference from exchanges where user_id = $1
           )
           and account_id is not null
           and not exists (select 1 from accounts where accounts.id = inbox.account_id)
         order by account_id",
    )
    .bind(user.as_str())
    .fetch_all(&mut **transaction)
    .await?;
    for account in accounts.iter().filter_map(|id| id.parse().ok()) {
        erase_events(transaction, &account, at).await?;
    }
    sqlx::query(
        "update inbox set body = ''::bytea, due_at = null, waits_for_account = null,
           waits_for_job = null, account_id = null, reference = null,
           done_at = coalesce(done_at, $1)
         where reference in (
           select reference from link_sessions where user_id = $2
           union select reference from exchanges where user_id = $2
         )",
    )
    .bind(at.as_millisecond())
    .bind(user.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// What is gone is nobody's earlier account any more; whose it was.
async fn forget_duplicates_of(
    transaction: &mut Transaction<'_, Postgres>,
    id: &AccountId,
    at: Timestamp,
) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar(
        "update accounts set duplicate_of = null, version = version + 1, updated_at = $1
         where duplicate_of = $2 returning id",
    )
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .fetch_all(&mut **transaction)
    .await?)
}

/// The account is linked, whatever it was before.
pub(super) async fn forget_erasure(
    transaction: &mut Transaction<'_, Postgres>,
    id: &AccountId,
) -> Result<(), Error> {
    sqlx::query("delete from erased_accounts where digest = $1")
        .bind(digest_of(id))
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
