//! Erasing accounts in SQLite.

use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use sqlx::{Sqlite, Transaction};

use super::changes::add_change;
use crate::Error;
use crate::accounts::digest_of;
use crate::changes::Changed;

/// Everything that names an account, apart from the account itself and what goes with it.
const ERASE: [&str; 5] = [
    "delete from jobs where account_id = ?",
    "delete from exchanges where account_id = ?1 or reference in (
       select reference from link_sessions where account_id = ?1
       union select reference from accounts where id = ?1
     )",
    "delete from link_sessions where account_id = ?1 or reference in (
       select reference from accounts where id = ?1
     )",
    "delete from changes where account_id = ?",
    "delete from accounts where id = ?",
];

/// Erases the user's account within a transaction. Whether there was one.
pub(super) async fn erase_account(
    transaction: &mut Transaction<'_, Sqlite>,
    user: &UserId,
    id: &AccountId,
    at: Timestamp,
) -> Result<bool, Error> {
    let exists: Option<i64> =
        sqlx::query_scalar("select 1 from accounts where id = ? and user_id = ?")
            .bind(id.as_str())
            .bind(user.as_str())
            .fetch_optional(&mut **transaction)
            .await?;
    if exists.is_none() {
        return Ok(false);
    }
    for statement in ERASE {
        sqlx::query(statement)
            .bind(id.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    erase_events(transaction, id, at).await?;
    forget_duplicates_of(transaction, id, at).await?;
    add_change(transaction, user, id, &Changed::Removed, at).await?;
    Ok(true)
}

/// Erases what Mono told of an account, and remembers that it is gone. The keys stay, so that the
/// same events are known again.
async fn erase_events(
    transaction: &mut Transaction<'_, Sqlite>,
    id: &AccountId,
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "update inbox set body = x'', due_at = null, waits_for_account = null,
           waits_for_job = null, account_id = null, reference = null,
           done_at = coalesce(done_at, ?1)
         where account_id = ?2 or waits_for_account = ?2",
    )
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .execute(&mut **transaction)
    .await?;
    sqlx::query("insert or replace into erased_accounts (digest, at) values (?, ?)")
        .bind(digest_of(id))
        .bind(at.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Erases what Mono told of the user's attempts to link, and of accounts that it says came of them
/// and that nobody has.
pub(super) async fn erase_events_of_attempts(
    transaction: &mut Transaction<'_, Sqlite>,
    user: &UserId,
    at: Timestamp,
) -> Result<(), Error> {
    let accounts: Vec<String> = sqlx::query_scalar(
        "select distinct account_id from inbox
         where reference in (
             select reference from link_sessions where user_id = ?1
             union select reference from exchanges where user_id = ?1
           )
           and account_id is not null and account_id not in (select id from accounts)",
    )
    .bind(user.as_str())
    .fetch_all(&mut **transaction)
    .await?;
    for account in accounts.iter().filter_map(|id| id.parse().ok()) {
        erase_events(transaction, &account, at).await?;
    }
    sqlx::query(
        "update inbox set body = x'', due_at = null, waits_for_account = null,
           waits_for_job = null, account_id = null, reference = null,
           done_at = coalesce(done_at, ?1)
         where reference in (
           select reference from link_sessions where user_id = ?2
           union select reference from exchanges where user_id = ?2
         )",
    )
    .bind(at.as_millisecond())
    .bind(user.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// What is gone is nobody's earlier account any more.
async fn forget_duplicates_of(
    transaction: &mut Transaction<'_, Sqlite>,
    id: &AccountId,
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "insert into changes (user_id, account_id, what, made_at)
         select user_id, id, 'account', ? from accounts where duplicate_of = ?",
    )
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "update accounts set duplicate_of = null, version = version + 1, updated_at = ?
         where duplicate_of = ?",
    )
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The account is linked, whatever it was before.
pub(super) async fn forget_erasure(
    transaction: &mut Transaction<'_, Sqlite>,
    id: &AccountId,
) -> Result<(), Error> {
    sqlx::query("delete from erased_accounts where digest = ?")
        .bind(digest_of(id))
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
