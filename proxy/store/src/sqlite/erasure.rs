//! Erasing accounts in SQLite.

use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use sqlx::{Sqlite, Transaction};

use super::changes::add_change;
use crate::Error;
use crate::changes::Changed;

/// Everything that names an account, apart from the account itself and what goes with it.
const ERASE: [&str; 6] = [
    "delete from jobs where account_id = ?",
    "delete from exchanges where account_id = ?1 or reference in (
       select reference from link_sessions where account_id = ?1
       union select reference from accounts where id = ?1
     )",
    "delete from link_sessions where account_id = ?1 or reference in (
       select reference from accounts where id = ?1
     )",
    "delete from changes where account_id = ?",
    "delete from erased_accounts where id = ?",
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
    // The keys stay, so that the same events are known again.
    sqlx::query(
        "update inbox set body = x'', due_at = null, waits_for_account = null,
           waits_for_job = null, done_at = coalesce(done_at, ?)
         where account_id = ?",
    )
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .execute(&mut **transaction)
    .await?;
    sqlx::query("insert into erased_accounts (id, at) values (?, ?)")
        .bind(id.as_str())
        .bind(at.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    forget_duplicates_of(transaction, id, at).await?;
    add_change(transaction, user, id, &Changed::Removed, at).await?;
    Ok(true)
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
    sqlx::query("delete from erased_accounts where id = ?")
        .bind(id.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
