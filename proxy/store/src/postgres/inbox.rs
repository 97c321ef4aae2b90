//! The inbox in PostgreSQL.
//!
//! Each event is one statement that commits by itself: the server writes the commits of all who
//! wait for the disk in one go.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId, Reference};
use sqlx::{Executor, Postgres, Transaction};

use super::text::to_column;
use super::{Lock, PostgresStore, lock};
use crate::Error;
use crate::accounts::digest_of;
use crate::inbox::{Accepted, Backlog, Body, EventKey, InboxEvent, InboxStore, NewEvent, WaitsFor};
use crate::row::{InboxRow, read_claimed};
use crate::sealed::INBOX_BODY;

#[async_trait]
impl InboxStore for PostgresStore {
    async fn accept_event(&self, event: NewEvent) -> Result<Accepted, Error> {
        let key = key(&event.key);
        let (id, event) = self.sealed(event).await?;
        if insert(&self.pool, id, &key, &event).await? {
            return Ok(Accepted::New);
        }
        let EventKey::Content { within, .. } = &event.key else {
            return Ok(Accepted::Duplicate);
        };
        // Too old, and what was known by this key gives it up; whoever else came first has it.
        let not_before = event.received_at.checked_sub(*within);
        let mut transaction = self.begin().await?;
        sqlx::query(
            "update inbox set event_key = null
             where event_key = sha256($1) and received_at <= $2",
        )
        .bind(&key)
        .bind(not_before.unwrap_or(Timestamp::MIN).as_millisecond())
        .execute(&mut *transaction)
        .await?;
        let inserted = insert(&mut *transaction, id, &key, &event).await?;
        transaction.commit().await?;
        Ok(if inserted {
            Accepted::New
        } else {
            Accepted::Duplicate
        })
    }

    async fn claim_events(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<InboxEvent>, Error> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let rows: Vec<InboxRow> = sqlx::query_as(
            "with due as materialized (
               select id from inbox where due_at <= $2
               order by due_at, id limit $3 for update skip locked
             )
             update inbox set due_at = $1, attempts = attempts + 1
             from due where inbox.id = due.id
             returning inbox.id, body, received_at, attempts",
        )
        .bind(until.as_millisecond())
        .bind(now.as_millisecond())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        let mut events = read_claimed(&self.keyring, rows);
        events.sort_by_key(|event| event.id);
        Ok(events)
    }

    async fn finish_event(&self, id: i64, at: Timestamp, body: Body) -> Result<(), Error> {
        sqlx::query(
            "update inbox
             set due_at = null, done_at = $1, body = case when $2 then ''::bytea else body end,
                 account_id = case when $2 then null else account_id end,
                 reference = case when $2 then null else reference end
             where id = $3",
        )
        .bind(at.as_millisecond())
        .bind(body == Body::Erased)
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn retry_event(&self, id: i64, at: Timestamp) -> Result<(), Error> {
        sqlx::query("update inbox set due_at = $1 where id = $2 and done_at is null")
            .bind(at.as_millisecond())
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn park_event(&self, id: i64, waits_for: &WaitsFor) -> Result<bool, Error> {
        let (park, awaited) = match waits_for {
            WaitsFor::Account(account) => (
                sqlx::query(
                    "update inbox set due_at = null, waits_for_account = $1
                     where id = $2 and done_at is null
                       and not exists (select 1 from accounts where id = $1)
                       and not exists (select 1 from erased_accounts where digest = $3)",
                )
                .bind(account.as_str())
                .bind(id)
                .bind(digest_of(account)),
                account.as_str(),
            ),
            WaitsFor::Job(job) => (
                sqlx::query(
                    "update inbox set due_at = null, waits_for_job = $1
                     where id = $2 and done_at is null
                   and not exists (select 1 from jobs where id = $1)",
                )
                .bind(job.as_str())
                .bind(id),
                job.as_str(),
            ),
        };
        let mut transaction = self.begin().await?;
        // Whoever adds what is awaited holds this lock when it looks for waiting events: either it
        // sees this one, or its commit came first and is seen here.
        lock(&mut transaction, Lock::Awaited, awaited).await?;
        let parked = park.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(parked == 1)
    }

    async fn inbox_backlog(&self) -> Result<Backlog, Error> {
        let (events, oldest): (i64, Option<i64>) =
            sqlx::query_as("select count(*), min(received_at) from inbox where due_at is not null")
                .fetch_one(&self.pool)
                .await?;
        Ok(Backlog {
            events: events.unsigned_abs(),
            oldest: oldest.and_then(|time| Timestamp::from_millisecond(time).ok()),
        })
    }
}

impl PostgresStore {
    /// The event as it is written, and its number: what is sealed is bound to it. Without keys the
    /// number is drawn with the insert.
    async fn sealed(&self, mut event: NewEvent) -> Result<(Option<i64>, NewEvent), Error> {
        if !self.keyring.seals() {
            return Ok((None, event));
        }
        let id: i64 = sqlx::query_scalar("select nextval(pg_get_serial_sequence('inbox', 'id'))")
            .fetch_one(&self.pool)
            .await?;
        event.body = self
            .keyring
            .seal(&INBOX_BODY, &id.to_string(), event.body)?;
        Ok((Some(id), event))
    }
}

/// By what an event is known again, whatever its length and its characters.
fn key(key: &EventKey) -> Vec<u8> {
    match key {
        EventKey::Id(id) => [b"id:", id.as_bytes()].concat(),
        EventKey::Content { digest, .. } => [b"sha256:".as_slice(), digest].concat(),
    }
}

/// Keeps the event, unless its key is taken.
async fn insert(
    executor: impl Executor<'_, Database = Postgres>,
    id: Option<i64>,
    key: &[u8],
    event: &NewEvent,
) -> Result<bool, Error> {
    let inserted = sqlx::query(
        "insert into inbox (id, event_key, name, body, received_at, due_at, account_id, reference)
         overriding system value
         values (coalesce($6, nextval(pg_get_serial_sequence('inbox', 'id'))),
                 sha256($1), $2, $3, $4, $4, $5, $7)
         on conflict (event_key) do nothing",
    )
    .bind(key)
    .bind(to_column(&event.name))
    .bind(&event.body)
    .bind(event.received_at.as_millisecond())
    .bind(event.account.as_ref().map(AccountId::as_str))
    .bind(id)
    .bind(event.reference.as_ref().map(Reference::as_str))
    .execute(executor)
    .await?
    .rows_affected();
    Ok(inserted == 1)
}

/// Makes due what waited for an account that the transaction has added.
pub(super) async fn wake_events_of_account(
    transaction: &mut Transaction<'_, Postgres>,
    account: &AccountId,
    at: Timestamp,
) -> Result<(), Error> {
    lock(transaction, Lock::Awaited, account.as_str()).await?;
    sqlx::query(
        "update inbox set due_at = $1, waits_for_account = null where waits_for_account = $2",
    )
    .bind(at.as_millisecond())
    .bind(account.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Makes due what waited for a job that the transaction has added.
pub(super) async fn wake_events_of_job(
    transaction: &mut Transaction<'_, Postgres>,
    job: &JobId,
    at: Timestamp,
) -> Result<(), Error> {
    lock(transaction, Lock::Awaited, job.as_str()).await?;
    sqlx::query("update inbox set due_at = $1, waits_for_job = null where waits_for_job = $2")
        .bind(at.as_millisecond())
        .bind(job.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
