//! The inbox in SQLite.

mod writer;

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId};
use sqlx::{Sqlite, Transaction};

use super::SqliteStore;
use crate::Error;
use crate::accounts::digest_of;
use crate::inbox::{Accepted, Backlog, Body, InboxEvent, InboxStore, NewEvent, WaitsFor};
use crate::row::{InboxRow, read_claimed};

pub(super) use writer::InboxWriter;

#[async_trait]
impl InboxStore for SqliteStore {
    async fn accept_event(&self, event: NewEvent) -> Result<Accepted, Error> {
        self.inbox.accept(event).await
    }

    async fn claim_events(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<InboxEvent>, Error> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let rows: Vec<InboxRow> = sqlx::query_as(
            "update inbox set due_at = ?, attempts = attempts + 1
             where id in (select id from inbox where due_at <= ? order by due_at, id limit ?)
             returning id, body, received_at, attempts",
        )
        .bind(until.as_millisecond())
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&self.writer)
        .await?;
        let mut events = read_claimed(&self.keyring, rows);
        events.sort_by_key(|event| event.id);
        Ok(events)
    }

    async fn finish_event(&self, id: i64, at: Timestamp, body: Body) -> Result<(), Error> {
        sqlx::query(
            "update inbox
             set due_at = null, done_at = ?1, body = iif(?2, x'', body),
                 account_id = iif(?2, null, account_id), reference = iif(?2, null, reference)
             where id = ?3",
        )
        .bind(at.as_millisecond())
        .bind(body == Body::Erased)
        .bind(id)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn retry_event(&self, id: i64, at: Timestamp) -> Result<(), Error> {
        sqlx::query("update inbox set due_at = ? where id = ? and done_at is null")
            .bind(at.as_millisecond())
            .bind(id)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn park_event(&self, id: i64, waits_for: &WaitsFor) -> Result<bool, Error> {
        // In one statement, so that what it waits for cannot come in between.
        let park = match waits_for {
            WaitsFor::Account(account) => sqlx::query(
                "update inbox set due_at = null, waits_for_account = ?1
                 where id = ?2 and done_at is null
                   and not exists (select 1 from accounts where id = ?1)
                   and not exists (select 1 from erased_accounts where digest = ?3)",
            )
            .bind(account.as_str())
            .bind(id)
            .bind(digest_of(account)),
            WaitsFor::Job(job) => sqlx::query(
                "update inbox set due_at = null, waits_for_job = ?1
                 where id = ?2 and done_at is null
                   and not exists (select 1 from jobs where id = ?1)",
            )
            .bind(job.as_str())
            .bind(id),
        };
        let parked = park.execute(&self.writer).await?.rows_affected();
        Ok(parked == 1)
    }

    async fn inbox_backlog(&self) -> Result<Backlog, Error> {
        let (events, oldest): (i64, Option<i64>) =
            sqlx::query_as("select count(*), min(received_at) from inbox where due_at is not null")
                .fetch_one(&self.reader)
                .await?;
        Ok(Backlog {
            events: events.unsigned_abs(),
            oldest: oldest.and_then(|time| Timestamp::from_millisecond(time).ok()),
        })
    }
}

/// Makes due what waited for an account.
pub(super) async fn wake_events_of_account(
    transaction: &mut Transaction<'_, Sqlite>,
    account: &AccountId,
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "update inbox set due_at = ?, waits_for_account = null where waits_for_account = ?",
    )
    .bind(at.as_millisecond())
    .bind(account.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Makes due what waited for a job.
pub(super) async fn wake_events_of_job(
    transaction: &mut Transaction<'_, Sqlite>,
    job: &JobId,
    at: Timestamp,
) -> Result<(), Error> {
    sqlx::query("update inbox set due_at = ?, waits_for_job = null where waits_for_job = ?")
        .bind(at.as_millisecond())
        .bind(job.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
