//! The SQLite side: one writer, several readers, write-ahead log, every commit on the disk before
//! it is answered.

mod accounts;
mod audit;
mod changes;
mod erasure;
mod inbox;
mod jobs;
mod links;
mod outbox;
mod prune;
mod sealed;
mod statement_pdfs;
mod users;

use std::borrow::Cow;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, SqlSafeStr as _, Sqlite, Transaction};

use crate::sealed::check_keys;
use crate::{Error, Hold, Keyring, Notices, Store};
use inbox::InboxWriter;

/// How long a statement waits for another process that holds the database. Whoever waits as long for
/// those before it is told so too: behind a locked database they add up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Readers at once. SQLite reads are short; more threads would only wait for the same disk.
const READERS: u32 = 4;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqliteLocation {
    /// In a file, created where it is missing.
    File(PathBuf),
    /// In memory, gone with the process.
    Memory,
}

/// A store in one SQLite database.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    reader: SqlitePool,
    inbox: InboxWriter,
    keyring: Keyring,
}

impl SqliteStore {
    /// Opens the database, makes it where it is missing, and migrates it. Without keys, nothing in
    /// it is encrypted.
    pub async fn open(location: &SqliteLocation) -> Result<Self, Error> {
        Self::open_with_keys(location, Keyring::default()).await
    }

    /// The same, with keys that seal what is personal.
    pub async fn open_with_keys(
        location: &SqliteLocation,
        keyring: Keyring,
    ) -> Result<Self, Error> {
        if let SqliteLocation::File(path) = location {
            make_private(path)?;
        }
        let options = match location {
            SqliteLocation::File(path) => SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .busy_timeout(BUSY_TIMEOUT)
                .journal_mode(SqliteJournalMode::Wal),
            SqliteLocation::Memory => SqliteConnectOptions::new().in_memory(true),
        }
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is erased is overwritten, not only unlinked.
        .pragma("secure_delete", "on");

        // One writer: SQLite has one anyway, and waiting in our own queue is fair and cheap.
        // Never closed while it is well: a memory database lives in its connection.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None);
        let writer = match location {
            SqliteLocation::File(_) => replaced_when_stuck(writer),
            SqliteLocation::Memory => writer,
        };
        let writer = writer.connect_with(options.clone()).await?;
        migrator().run(&writer).await?;

        let reader = match location {
            SqliteLocation::File(_) => {
                SqlitePoolOptions::new()
                    .max_connections(READERS)
                    .connect_with(options.read_only(true))
                    .await?
            }
            SqliteLocation::Memory => writer.clone(),
        };
        let inbox = InboxWriter::start(writer.clone(), keyring.clone());
        let store = Self {
            writer,
            reader,
            inbox,
            keyring,
        };
        check_keys(&store).await?;
        // Whoever had claimed something before is gone: this database has one process.
        sqlx::query("update inbox set due_at = received_at where due_at is not null")
            .execute(&store.writer)
            .await?;
        for release in [
            "update accounts set scheduled_until = null where scheduled_until is not null",
            "update accounts set next_check_at = linked_at where next_check_at is not null",
            "update jobs set next_check_at = updated_at where next_check_at is not null",
        ] {
            sqlx::query(release).execute(&store.writer).await?;
        }
        Ok(store)
    }

    /// Empties the write-ahead log, where what was erased stands until others write over it. What was
    /// erased is erased all the same: if somebody reads, it is left to the next time.
    async fn empty_log(&self) {
        let emptied: Result<(i64, i64, i64), _> = sqlx::query_as("pragma wal_checkpoint(truncate)")
            .fetch_one(&self.writer)
            .await;
        match emptied {
            Ok((0, ..)) => {}
            Ok(_) => tracing::warn!("the write-ahead log still holds what was erased"),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the write-ahead log cannot be emptied"
            ),
        }
    }

    async fn begin(&self) -> Result<Transaction<'_, Sqlite>, Error> {
        // Takes the write lock at once, so that a read inside cannot be outdated at the commit.
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Where a write fails because the disk is full, SQLite ends the transaction by itself, and the
/// connection is still taken to be in it: it would begin no other one, ever. Another connection is
/// made in its place.
fn replaced_when_stuck(options: SqlitePoolOptions) -> SqlitePoolOptions {
    options.before_acquire(|connection, _| {
        let is_free = !connection.is_in_transaction();
        Box::pin(async move { Ok(is_free) })
    })
}

/// Makes the file where it is missing, for its owner only. SQLite gives the files beside it the same
/// mode. One that is there keeps what it has: somebody may have meant it.
fn make_private(path: &Path) -> Result<(), Error> {
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match file {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::Unavailable(Box::new(error))),
    }
}

/// The migrations are part of the program: a file can be opened by no other means than this code.
fn migrator() -> Migrator {
    let migration = |version, name: &'static str, sql: &'static str| {
        let sql = sql.into_sql_str();
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql,
            false,
        )
    };
    Migrator::with_migrations(vec![
        migration(
            1,
            "accounts",
            include_str!("sqlite/migrations/0001_accounts.sql"),
        ),
        migration(2, "life", include_str!("sqlite/migrations/0002_life.sql")),
        migration(
            3,
            "schedule",
            include_str!("sqlite/migrations/0003_schedule.sql"),
        ),
        migration(
            4,
            "upkeep",
            include_str!("sqlite/migrations/0004_upkeep.sql"),
        ),
        migration(
            5,
            "statement PDFs",
            include_str!("sqlite/migrations/0005_statement_pdfs.sql"),
        ),
        migration(
            6,
            "erasure",
            include_str!("sqlite/migrations/0006_erasure.sql"),
        ),
        migration(7, "audit", include_str!("sqlite/migrations/0007_audit.sql")),
        migration(8, "keys", include_str!("sqlite/migrations/0008_keys.sql")),
        migration(
            9,
            "outbox",
            include_str!("sqlite/migrations/0009_outbox.sql"),
        ),
        migration(10, "ends", include_str!("sqlite/migrations/0010_ends.sql")),
        migration(
            11,
            "names",
            include_str!("sqlite/migrations/0011_names.sql"),
        ),
        migration(
            12,
            "schedule",
            include_str!("sqlite/migrations/0012_schedule.sql"),
        ),
    ])
}

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<(), Error> {
        sqlx::query("select 1").execute(&self.reader).await?;
        Ok(())
    }

    async fn notices(&self) -> Notices {
        Notices::none()
    }

    async fn hold(&self, _name: &str, _patience: Duration) -> Result<Option<Hold>, Error> {
        Ok(Some(Hold::alone()))
    }

    async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}
