//! Messages for the site's back end, in PostgreSQL.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::AccountId;
use sqlx::{Postgres, Transaction};

use super::PostgresStore;
use crate::Error;
use crate::outbox::{NewMessage, Nudge, OutboxBacklog, OutboxMessage, OutboxStore};
use crate::record::AccountRecord;
use crate::row::{AccountRow, OutboxRow, outbox_backlog, read_all, read_claimed};
use crate::sealed::{Keyring, OUTBOX_ACCOUNT};

#[async_trait]
impl OutboxStore for PostgresStore {
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
               select number from outbox as later where due_at <= $1 and exists (
                 select 1 from outbox as earlier
                 where earlier.account_id = later.account_id and earlier.number < later.number
                   and earlier.due_at > $2
               )
               order by due_at, number limit 500 for update skip locked
             )",
        )
        .bind(now)
        .bind(until)
        .execute(&mut *transaction)
        .await?;
        let rows: Vec<OutboxRow> = sqlx::query_as(
            "with next as materialized (
               select number from outbox as head where due_at <= $2 and not exists (
                 select 1 from outbox as earlier
                 where earlier.account_id = head.account_id and earlier.number < head.number
                   and earlier.due_at is not null
               )
               order by due_at, number limit $3 for update skip locked
             )
             update outbox set due_at = $1, attempts = attempts + 1
             from next where outbox.number = next.number
             returning outbox.*",
        )
        .bind(until)
        .bind(now)
        .bind(i64::from(limit))
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let mut messages = read_claimed(&self.keyring, rows);
        messages.sort_by_key(|message| message.number);
        Ok(messages)
    }

    async fn finish_message(&self, message: &OutboxMessage, now: Timestamp) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("delete from outbox where number = $1")
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
            "update outbox set due_at = $1, failure = $2 where number = $3 and due_at is not null",
        )
        .bind(at.as_millisecond())
        .bind(failure)
        .bind(number)
        .execute(&self.pool)
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
        sqlx::query("update outbox set due_at = null, failure = $1 where number = $2")
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
            "select * from outbox where due_at is null and number > $1 order by number limit $2",
        )
        .bind(number)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        read_all(&self.keyring, rows)
    }

    async fn revive_message(&self, id: &str, now: Timestamp) -> Result<bool, Error> {
        if id.contains('\0') {
            // PostgreSQL would refuse to look for it.
            return Ok(false);
        }
        let revived = sqlx::query(
            "update outbox set due_at = $1, attempts = 0 where id = $2 and due_at is null",
        )
        .bind(now.as_millisecond())
        .bind(id)
        .execute(&self.pool)
        .await?
        .rows_affected();
        Ok(revived == 1)
    }

    async fn outbox_backlog(&self) -> Result<OutboxBacklog, Error> {
        let (messages, oldest, dead_letters): (i64, Option<i64>, i64) = sqlx::query_as(
            "select count(due_at), min(made_at) filter (where due_at is not null),
                    count(*) - count(due_at) from outbox",
        )
        .fetch_one(&self.pool)
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
                 where requires_reauth and (reminded_at is null or reminded_at < $1)
                 order by id limit $2",
                since,
            ),
            Nudge::Stale { since } => (
                "select * from accounts
                 where fetched_at < $1 and (stale_told_for is null or stale_told_for < fetched_at)
                 order by id limit $2",
                since,
            ),
        };
        let rows: Vec<AccountRow> = sqlx::query_as(query)
            .bind(since.as_millisecond())
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        Ok(read_claimed(&self.keyring, rows))
    }

    async fn nudge(&self, about: Nudge, message: &NewMessage) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        let marked = match about {
            Nudge::Reminder { since } => sqlx::query(
                "update accounts set reminded_at = $1
                 where id = $2 and requires_reauth and (reminded_at is null or reminded_at < $3)",
            )
            .bind(message.at.as_millisecond())
            .bind(message.account.id.as_str())
            .bind(since.as_millisecond()),
            Nudge::Stale { since } => sqlx::query(
                "update accounts set stale_told_for = fetched_at
                 where id = $1 and fetched_at < $2
                   and (stale_told_for is null or stale_told_for < fetched_at)",
            )
            .bind(message.account.id.as_str())
            .bind(since.as_millisecond()),
        }
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if marked == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        add_message(&mut transaction, &self.keyring, message).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

pub(super) async fn add_message(
    transaction: &mut Transaction<'_, Postgres>,
    keyring: &Keyring,
    message: &NewMessage,
) -> Result<(), Error> {
    let account = keyring.seal_json(&OUTBOX_ACCOUNT, &message.id, &message.account)?;
    sqlx::query(
        "insert into outbox (id, kind, user_id, account_id, account_json, made_at, due_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
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
    transaction: &mut Transaction<'_, Postgres>,
    keyring: &Keyring,
    account: &AccountId,
    last: Option<&NewMessage>,
) -> Result<(), Error> {
    let Some(last) = last else {
        sqlx::query("delete from outbox where account_id = $1")
            .bind(account.as_str())
            .execute(&mut **transaction)
            .await?;
        return Ok(());
    };
    let earlier: Vec<String> =
        sqlx::query_scalar("select id from outbox where account_id = $1 order by number")
            .bind(account.as_str())
            .fetch_all(&mut **transaction)
            .await?;
    for id in earlier {
        let account = keyring.seal_json(&OUTBOX_ACCOUNT, &id, &last.account)?;
        sqlx::query("update outbox set account_json = $1 where id = $2")
            .bind(account)
            .bind(&id)
            .execute(&mut **transaction)
            .await?;
    }
    add_message(transaction, keyring, last).await
}

/// What has waited for this message is due.
async fn wake_next(
    transaction: &mut Transaction<'_, Postgres>,
    message: &OutboxMessage,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "update outbox set due_at = $1
         where account_id = $2 and number > $3 and due_at > $4 and attempts = 0",
    )
    .bind(now.as_millisecond())
    .bind(message.account_id().as_str())
    .bind(message.number)
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
