//! The PostgreSQL side: one database for several proxies.
//!
//! What one statement cannot do alone is guarded by row locks and by advisory locks that end with
//! their transaction. A transaction takes row locks first, then the lock of what is awaited
//! ([`inbox`]), and last, right before its commit, the lock of the user whose change it writes
//! ([`changes`]): in this order nobody waits in a circle.

mod accounts;
mod audit;
mod changes;
mod connect;
mod erasure;
mod holds;
mod inbox;
mod jobs;
mod links;
mod migrate;
mod notices;
mod outbox;
mod prune;
mod sealed;
mod statement_pdfs;
mod text;
mod users;

use std::time::Duration;

use async_trait::async_trait;
use sqlx::postgres::PgPool;
use sqlx::{Postgres, Transaction};

use crate::sealed::check_keys;
use crate::{Error, Hold, Keyring, Notices, Store};
use holds::Holds;

/// A store in one PostgreSQL database, shared with other processes.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pool: PgPool,
    process: Process,
    holds: Holds,
    keyring: Keyring,
}

/// Who writes, as the other processes on this database are told.
#[derive(Debug, Clone)]
struct Process {
    /// Differs from that of every other process.
    number: i64,
    /// On which notices are sent: the same for all who work on the same tables.
    channel: String,
}

impl PostgresStore {
    /// Connects to `postgres://USER:PASSWORD@HOST:PORT/DATABASE` and migrates the database. When
    /// several processes do so at once, one migrates and the others wait for it. Without keys,
    /// nothing in it is encrypted.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with_keys(url, Keyring::default()).await
    }

    /// The same, with keys that seal what is personal.
    pub async fn open_with_keys(url: &str, keyring: Keyring) -> Result<Self, Error> {
        let pool = connect::pool(url).await?;
        migrate::run(&pool).await?;
        let (number, channel) = sqlx::query_as(
            "select nextval('processes'), 'mono_connect_' || 'changes'::regclass::oid",
        )
        .fetch_one(&pool)
        .await?;
        let store = Self {
            holds: Holds::start(&pool),
            pool,
            process: Process { number, channel },
            keyring,
        };
        check_keys(&store).await?;
        Ok(store)
    }

    async fn begin(&self) -> Result<Transaction<'_, Postgres>, Error> {
        Ok(self.pool.begin().await?)
    }
}

/// What a lock is about, besides a text.
#[derive(Debug, Clone, Copy)]
enum Lock {
    /// The migrations.
    Schema = 0x6d6f_6e00,
    /// The numbers of a user's changes.
    ChangesOf = 0x6d6f_6e01,
    /// What events wait for.
    Awaited = 0x6d6f_6e02,
    /// The numbers of the audit log.
    Audit = 0x6d6f_6e03,
}

/// Waits until nobody else holds the lock; it ends with the transaction. Two texts may share a
/// lock, which costs a wait and nothing else.
async fn lock(
    transaction: &mut Transaction<'_, Postgres>,
    about: Lock,
    text: &str,
) -> Result<(), Error> {
    sqlx::query("select pg_advisory_xact_lock($1, hashtext($2))")
        .bind(about as i32)
        .bind(text)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

#[async_trait]
impl Store for PostgresStore {
    async fn ping(&self) -> Result<(), Error> {
        let standby: bool = sqlx::query_scalar("select pg_is_in_recovery()")
            .fetch_one(&self.pool)
            .await?;
        if standby {
            return Err(Error::Unavailable(
                "the database is a read-only copy".into(),
            ));
        }
        Ok(())
    }

    async fn notices(&self) -> Notices {
        notices::start(&self.pool, self.process.clone()).await
    }

    async fn hold(&self, name: &str, patience: Duration) -> Result<Option<Hold>, Error> {
        self.holds.hold(name, patience).await
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
