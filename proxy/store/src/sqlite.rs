//! The SQLite side: one writer, several readers, write-ahead log, every commit on the disk before
//! it is answered.

mod row;

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, Reference, UserId};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{SqlSafeStr as _, Sqlite, Transaction};

use crate::record::{
    AccountRecord, CodeHash, Exchange, ExchangeStart, LinkOutcome, LinkSessionRecord, NewLink,
    Written,
};
use crate::{Error, Store};
use row::{AccountRow, ExchangeRow, LinkSessionRow, to_json};

/// How long a statement waits for another process that holds the database.
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
}

impl SqliteStore {
    /// Opens the database, makes it where it is missing, and migrates it.
    pub async fn open(location: &SqliteLocation) -> Result<Self, Error> {
        let options = match location {
            SqliteLocation::File(path) => SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .busy_timeout(BUSY_TIMEOUT)
                .journal_mode(SqliteJournalMode::Wal),
            SqliteLocation::Memory => SqliteConnectOptions::new().in_memory(true),
        }
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true);

        // One writer: SQLite has one anyway, and waiting in our own queue is fair and cheap.
        // Never closed: a memory database lives in its connection.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await?;
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
        Ok(Self { writer, reader })
    }

    /// Waits for what is being written and closes the file.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    async fn begin(&self) -> Result<Transaction<'_, Sqlite>, Error> {
        // Takes the write lock at once, so that a read inside cannot be outdated at the commit.
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
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
    Migrator::with_migrations(vec![migration(
        1,
        "accounts",
        include_str!("sqlite/migrations/0001_accounts.sql"),
    )])
}

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<(), Error> {
        sqlx::query("select 1").execute(&self.reader).await?;
        Ok(())
    }

    async fn add_link_session(&self, session: &LinkSessionRecord) -> Result<(), Error> {
        sqlx::query(
            "insert into link_sessions
               (reference, user_id, created_at, expires_at, consent_json, account_id)
             values (?, ?, ?, ?, ?, ?)",
        )
        .bind(session.reference.as_str())
        .bind(session.user.as_str())
        .bind(session.created_at.as_millisecond())
        .bind(session.expires_at.as_millisecond())
        .bind(session.consent.as_ref().map(to_json).transpose()?)
        .bind(session.account.as_ref().map(AccountId::as_str))
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn find_link_session(
        &self,
        reference: &Reference,
    ) -> Result<Option<LinkSessionRecord>, Error> {
        let row: Option<LinkSessionRow> =
            sqlx::query_as("select * from link_sessions where reference = ?")
                .bind(reference.as_str())
                .fetch_optional(&self.reader)
                .await?;
        row.map(LinkSessionRecord::try_from).transpose()
    }

    async fn start_exchange(&self, exchange: &Exchange) -> Result<ExchangeStart, Error> {
        let mut transaction = self.begin().await?;
        // The row stays with whoever inserted it; the same user may try again.
        sqlx::query(
            "insert into exchanges (code_hash, user_id, reference, started_at) values (?, ?, ?, ?)
             on conflict (code_hash) do update
               set reference = excluded.reference, started_at = excluded.started_at
               where user_id = excluded.user_id and account_id is null",
        )
        .bind(&exchange.code.0[..])
        .bind(exchange.user.as_str())
        .bind(exchange.reference.as_str())
        .bind(exchange.started_at.as_millisecond())
        .execute(&mut *transaction)
        .await?;
        let row: ExchangeRow = sqlx::query_as("select * from exchanges where code_hash = ?")
            .bind(&exchange.code.0[..])
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;

        let known = Exchange::try_from(row)?;
        Ok(match known.account {
            _ if known.user != exchange.user => ExchangeStart::Taken,
            Some(account) => ExchangeStart::Exchanged(account),
            None => ExchangeStart::Started,
        })
    }

    async fn find_exchange(&self, code: &CodeHash) -> Result<Option<Exchange>, Error> {
        let row: Option<ExchangeRow> =
            sqlx::query_as("select * from exchanges where code_hash = ?")
                .bind(&code.0[..])
                .fetch_optional(&self.reader)
                .await?;
        row.map(Exchange::try_from).transpose()
    }

    async fn record_exchange(&self, code: &CodeHash, account: &AccountId) -> Result<(), Error> {
        sqlx::query("update exchanges set account_id = ? where code_hash = ?")
            .bind(account.as_str())
            .bind(&code.0[..])
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn forget_exchange(&self, code: &CodeHash) -> Result<(), Error> {
        sqlx::query("delete from exchanges where code_hash = ?")
            .bind(&code.0[..])
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn finish_link(&self, link: &NewLink) -> Result<LinkOutcome, Error> {
        let mut transaction = self.begin().await?;
        let account = &link.account;
        let used_for: Option<String> = sqlx::query_scalar(
            "select account_id from link_sessions where reference = ? and account_id is not null",
        )
        .bind(link.reference.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
        if used_for.is_some_and(|used_for| used_for != account.id.as_str()) {
            return Ok(LinkOutcome::SessionUsed);
        }
        let owner: Option<String> = sqlx::query_scalar("select user_id from accounts where id = ?")
            .bind(account.id.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
        let outcome = match owner {
            Some(owner) if owner != account.user.as_str() => return Ok(LinkOutcome::Taken),
            Some(_) => LinkOutcome::AlreadyLinked,
            None => {
                insert_account(&mut transaction, account).await?;
                LinkOutcome::Linked
            }
        };
        sqlx::query("update link_sessions set account_id = ? where reference = ?")
            .bind(account.id.as_str())
            .bind(link.reference.as_str())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(outcome)
    }

    async fn find_account(
        &self,
        user: &UserId,
        id: &AccountId,
    ) -> Result<Option<AccountRecord>, Error> {
        let row: Option<AccountRow> =
            sqlx::query_as("select * from accounts where id = ? and user_id = ?")
                .bind(id.as_str())
                .bind(user.as_str())
                .fetch_optional(&self.reader)
                .await?;
        row.map(AccountRecord::try_from).transpose()
    }

    async fn list_accounts(&self, user: &UserId) -> Result<Vec<AccountRecord>, Error> {
        let rows: Vec<AccountRow> =
            sqlx::query_as("select * from accounts where user_id = ? order by linked_at, id")
                .bind(user.as_str())
                .fetch_all(&self.reader)
                .await?;
        rows.into_iter().map(AccountRecord::try_from).collect()
    }

    async fn update_account(&self, account: &AccountRecord) -> Result<Written, Error> {
        let mut transaction = self.begin().await?;
        let written = sqlx::query(
            "update accounts
             set version = version + 1, profile_json = ?, state_json = ?, duplicate_of = ?,
                 updated_at = ?
             where id = ? and version = ?",
        )
        .bind(to_json(&account.profile)?)
        .bind(to_json(&account.state)?)
        .bind(account.duplicate_of.as_ref().map(AccountId::as_str))
        .bind(account.updated_at.as_millisecond())
        .bind(account.id.as_str())
        .bind(account.version)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        let outcome = if written == 1 {
            Written::Version(account.version + 1)
        } else {
            let exists: Option<i64> = sqlx::query_scalar("select 1 from accounts where id = ?")
                .bind(account.id.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
            if exists.is_some() {
                Written::Conflict
            } else {
                Written::Gone
            }
        };
        transaction.commit().await?;
        Ok(outcome)
    }

    async fn remove_account(&self, user: &UserId, id: &AccountId) -> Result<bool, Error> {
        let removed = sqlx::query("delete from accounts where id = ? and user_id = ?")
            .bind(id.as_str())
            .bind(user.as_str())
            .execute(&self.writer)
            .await?
            .rows_affected();
        Ok(removed == 1)
    }

    async fn claim_status_check(
        &self,
        id: &AccountId,
        now: Timestamp,
        interval: SignedDuration,
    ) -> Result<bool, Error> {
        let now = now.as_millisecond();
        let latest = i64::try_from(interval.as_millis()).map_or(i64::MIN, |span| now - span);
        let claimed = sqlx::query(
            "update accounts set checked_at = ?
             where id = ? and (checked_at is null or checked_at <= ?)",
        )
        .bind(now)
        .bind(id.as_str())
        .bind(latest)
        .execute(&self.writer)
        .await?
        .rows_affected();
        Ok(claimed == 1)
    }
}

async fn insert_account(
    transaction: &mut Transaction<'_, Sqlite>,
    account: &AccountRecord,
) -> Result<(), Error> {
    sqlx::query(
        "insert into accounts
           (id, user_id, version, profile_json, state_json, reference, consent_json,
            duplicate_of, linked_at, updated_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(account.id.as_str())
    .bind(account.user.as_str())
    .bind(account.version)
    .bind(to_json(&account.profile)?)
    .bind(to_json(&account.state)?)
    .bind(account.reference.as_str())
    .bind(account.consent.as_ref().map(to_json).transpose()?)
    .bind(account.duplicate_of.as_ref().map(AccountId::as_str))
    .bind(account.linked_at.as_millisecond())
    .bind(account.updated_at.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
