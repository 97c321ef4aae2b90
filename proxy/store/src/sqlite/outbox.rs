//! Messages for the site's back end, in SQLite.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::AccountId;
use sqlx::{Sqlite, Transaction};

use super::SqliteStore;
use crate::Error;
use crate::outbox::{NewMessage, Nudge, OutboxBacklog, OutboxMessage, OutboxStore};
use crate::record::AccountRecord;
use crate::row::{AccountRow, OutboxRow, outbox_backlog, read_all, read_claimed};
use crate::sealed::{Keyring, OUTBOX_ACCOUNT};

#[async_trait]
impl OutboxStore for SqliteStore {
    async fn claim_messages(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<OutboxMessage>, Error> {
        let now = now.as_millisecond();
        let until = now.saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX));
        let mut transaction = self.begin().await?;
        // What waits behind a message that is to be tried later is not looked at until then.
        sqlx::query(
            "update outbox set due_at = (
               select max(earlier.due_at) from outbox as earlier
               where earlier.account_id = outbox.account_id and earlier.number < outbox.number
             )
             where number in (
               select number from outbox as later where due_at <= ?1 and exists (
                 select 1 from outbox as earlier
                 where earlier.account_id = later.account_id and earlier.number < later.number
                   and earlier.due_at > ?2
               )
               order by due_at, number limit 500
             )",
        )
        .bind(now)
        .bind(until)
        .execute(&mut *transaction)
        .await?;
        let rows: Vec<OutboxRow> = sqlx::query_as(
            "update outbox set due_at = ?, attempts = attempts + 1
             where number in (
               select number from outbox as next where due_at <= ? and not exists (
                 select 1 from outbox as earlier
                 where earlier.account_id = next.account_id and earlier.number < next.number
                   and earlier.due_at is not null
               )
               order by due_at, number limit ?
             )
             returning *",
        )
        .bind(until)
        .bind(now)
        .bind(limit)
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let mut messages = read_claimed(&self.keyring, rows);
        messages.sort_by_key(|message| message.number);
        Ok(messages)
    }

    async fn finish_message(&self, message: &OutboxMessage, now: Timestamp) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("delete from outbox where number = ?")
            .bind(message.number)
            .execute(&mut *transaction)
            .await?;
        wake_next(&mut transaction, message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn retry_message(
        &self,
        number: i64,
        at: Timestamp,
        failure: &'static str,
    ) -> Result<(), Error> {
        sqlx::query(
            "update outbox set due_at = ?, failure = ? where number = ? and due_at is not null",
        )
        .bind(at.as_millisecond())
        .bind(failure)
        .bind(number)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn give_up_message(
        &self,
        message: &OutboxMessage,
        now: Timestamp,
        failure: &'static str,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("update outbox set due_at = null, failure = ? where number = ?")
            .bind(failure)
            .bind(message.number)
            .execute(&mut *transaction)
            .await?;
        wake_next(&mut transaction, message, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn dead_letters_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<OutboxMessage>, Error> {
        let rows: Vec<OutboxRow> = sqlx::query_as(
            "select * from outbox where due_at is null and number > ? order by number limit ?",
        )
        .bind(number)
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        read_all(&self.keyring, rows)
    }

    async fn revive_message(&self, id: &str, now: Timestamp) -> Result<bool, Error> {
        let revived = sqlx::query(
            "update outbox set due_at = ?, attempts = 0 where id = ? and due_at is null",
        )
        .bind(now.as_millisecond())
        .bind(id)
        .execute(&self.writer)
        .await?
        .rows_affected();
        Ok(revived == 1)
    }

    async fn outbox_backlog(&self) -> Result<OutboxBacklog, Error> {
        let (messages, oldest, dead_letters): (i64, Option<i64>, i64) = sqlx::query_as(
            "select count(due_at), min(iif(due_at is null, null, made_at)),
                    count(*) - count(due_at) from outbox",
        )
        .fetch_one(&self.reader)
        .await?;
        outbox_backlog(messages, oldest, dead_letters)
    }

    async fn accounts_to_tell(
        &self,
        about: Nudge,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error> {
        let (query, since) = match about {
            Nudge::Reminder { since } => (
                "select * from accounts
                 where requires_reauth and (reminded_at is null or reminded_at < ?)
                 order by id limit ?",
                since,
            ),
            Nudge::Stale { since } => (
                "select * from accounts
                 where fetched_at < ? and (stale_told_for is null or stale_told_for < fetched_at)
                 order by id limit ?",
                since,
            ),
        };
        let rows: Vec<AccountRow> = sqlx::query_as(query)
            .bind(since.as_millisecond())
            .bind(limit)
            .fetch_all(&self.reader)
            .await?;
        Ok(read_claimed(&self.keyring, rows))
    }

    async fn nudge(&self, about: Nudge, message: &NewMessage) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        let marked = match about {
            Nudge::Reminder { since } => sqlx::query(
                "update accounts set reminded_at = ?
                 where id = ? and requires_reauth and (reminded_at is null or reminded_at < ?)",
            )
            .bind(message.at.as_millisecond())
            .bind(message.account.id.as_str())
            .bind(since.as_millisecond()),
            Nudge::Stale { since } => sqlx::query(
                "update accounts set stale_told_for = fetched_at
                 where id = ? and fetched_at < ?
                   and (stale_told_for is null or stale_told_for < fetched_at)",
            )
            .bind(message.account.id.as_str())
            .bind(since.as_millisecond()),
        }
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if marked == 0 {
            return Ok(false);
        }
        add_message(&mut transaction, &self.keyring, message).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

pub(super) async fn add_message(
    transaction: &mut Transaction<'_, Sqlite>,
    keyring: &Keyring,
    message: &NewMessage,
) -> Result<(), Error> {
    let account = keyring.seal_json(&OUTBOX_ACCOUNT, &message.id, &message.account)?;
    sqlx::query(
        "insert into outbox (id, kind, user_id, account_id, account_json, made_at, due_at)
         values (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&message.id)
    .bind(message.kind.as_str())
    .bind(message.user.as_str())
    .bind(message.account.id.as_str())
    .bind(account)
    .bind(message.at.as_millisecond())
    .bind(message.at.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// What was to be told of an account before its end holds no more than its last message does.
pub(super) async fn end_messages(
    transaction: &mut Transaction<'_, Sqlite>,
    keyring: &Keyring,
    account: &AccountId,
    last: Option<&NewMessage>,
) -> Result<(), Error> {
    let Some(last) = last else {
        sqlx::query("delete from outbox where account_id = ?")
            .bind(account.as_str())
            .execute(&mut **transaction)
            .await?;
        return Ok(());
    };
    let earlier: Vec<String> =
        sqlx::query_scalar("select id from outbox where account_id = ? order by number")
            .bind(account.as_str())
            .fetch_all(&mut **transaction)
            .await?;
    for id in earlier {
        let account = keyring.seal_json(&OUTBOX_ACCOUNT, &id, &last.account)?;
        sqlx::query("update outbox set account_json = ? where id = ?")
            .bind(account)
            .bind(&id)
            .execute(&mut **transaction)
            .await?;
    }
    add_message(transaction, keyring, last).await
}

/// What has waited for this message is due.
async fn wake_next(
    transaction: &mut Transaction<'_, Sqlite>,
    message: &OutboxMessage,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "update outbox set due_at = ?
         where account_id = ? and number > ? and due_at > ? and attempts = 0",
    )
    .bind(now.as_millisecond())
    .bind(message.account_id().as_str())
    .bind(message.number)
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
