//! One writer that commits whatever has queued up in one go: one wait for the disk serves all who
//! came during the last one.

use std::fmt::Write as _;

use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, Reference};
use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, Transaction};
use tokio::sync::{mpsc, oneshot};

use crate::Error;
use crate::inbox::{Accepted, EventKey, NewEvent};
use crate::sealed::{INBOX_BODY, Keyring};

/// Events in one commit, at most.
const BATCH: usize = 256;

/// Events that wait for the writer, at most; more wait outside.
const QUEUE: usize = 1024;

struct Submission {
    event: NewEvent,
    reply: oneshot::Sender<Result<Accepted, Error>>,
}

/// A handle to the writer. The writer ends with its last handle.
#[derive(Debug, Clone)]
pub(in crate::sqlite) struct InboxWriter {
    queue: mpsc::Sender<Submission>,
}

impl InboxWriter {
    /// Starts the writer.
    pub(in crate::sqlite) fn start(pool: SqlitePool, keyring: Keyring) -> Self {
        let (queue, submissions) = mpsc::channel(QUEUE);
        tokio::spawn(write(pool, keyring, submissions));
        Self { queue }
    }

    pub(super) async fn accept(&self, event: NewEvent) -> Result<Accepted, Error> {
        let (reply, answer) = oneshot::channel();
        let gone = || Error::Unavailable("the inbox writer has ended".into());
        self.queue
            .send(Submission { event, reply })
            .await
            .map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn write(pool: SqlitePool, keyring: Keyring, mut submissions: mpsc::Receiver<Submission>) {
    let mut batch = Vec::with_capacity(BATCH);
    while submissions.recv_many(&mut batch, BATCH).await > 0 {
        match commit(&pool, &keyring, &batch).await {
            Ok(outcomes) => {
                for (submission, outcome) in batch.drain(..).zip(outcomes) {
                    // Whoever has gone away will send the event again.
                    drop(submission.reply.send(Ok(outcome)));
                }
            }
            Err(error) => {
                let cause = error.to_string();
                for submission in batch.drain(..) {
                    let error = Error::Unavailable(cause.clone().into());
                    drop(submission.reply.send(Err(error)));
                }
            }
        }
    }
}

async fn commit(
    pool: &SqlitePool,
    keyring: &Keyring,
    batch: &[Submission],
) -> Result<Vec<Accepted>, Error> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for submission in batch {
        outcomes.push(insert(&mut transaction, keyring, &submission.event).await?);
    }
    transaction.commit().await?;
    Ok(outcomes)
}

async fn insert(
    transaction: &mut Transaction<'_, Sqlite>,
    keyring: &Keyring,
    event: &NewEvent,
) -> Result<Accepted, Error> {
    let (key, not_before) = match &event.key {
        EventKey::Id(id) => (format!("id:{id}"), Timestamp::MIN),
        EventKey::Content { digest, within } => {
            let mut key = String::from("sha256:");
            for byte in digest {
                // Writing to a string cannot fail.
                let _ = write!(key, "{byte:02x}");
            }
            let not_before = event
                .received_at
                .checked_sub(*within)
                .unwrap_or(Timestamp::MIN);
            (key, not_before)
        }
    };
    let received_at = event.received_at.as_millisecond();
    // What is sealed is bound to its row, and the row has no number yet.
    let body = if keyring.seals() {
        &[]
    } else {
        event.body.as_slice()
    };
    let inserted: Option<i64> = sqlx::query_scalar(
        "insert into inbox (event_key, name, body, account_id, reference, received_at, due_at)
         select ?, ?, ?, ?, ?, ?, ?
         where not exists (select 1 from inbox where event_key = ? and received_at > ?)
         returning id",
    )
    .bind(&key)
    .bind(&event.name)
    .bind(body)
    .bind(event.account.as_ref().map(AccountId::as_str))
    .bind(event.reference.as_ref().map(Reference::as_str))
    .bind(received_at)
    .bind(received_at)
    .bind(&key)
    .bind(not_before.as_millisecond())
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(id) = inserted else {
        return Ok(Accepted::Duplicate);
    };
    if keyring.seals() {
        let body = keyring.seal(&INBOX_BODY, &id.to_string(), event.body.clone())?;
        sqlx::query("update inbox set body = ? where id = ?")
            .bind(body)
            .bind(id)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(Accepted::New)
}
