//! Where the proxy keeps what it knows: one trait, [`Store`], with a memory, a SQLite and a
//! PostgreSQL side.
//!
//! The only place that knows SQL. It decides nothing: use cases read a record, change it in
//! memory, and write it back with the version they read; a write that lost the race is told so.
//! All sides pass the same conformance suite (`tests/it`).

mod accounts;
mod audit;
mod changes;
mod error;
mod hold;
mod inbox;
mod jobs;
mod links;
mod memory;
mod notices;
mod outbox;
mod postgres;
mod prune;
mod record;
mod row;
mod sealed;
mod sqlite;
mod statement_pdfs;
mod users;

pub use accounts::{AccountStore, Check, Written};
pub use audit::{AuditEntry, AuditStore, NewAuditEntry};
pub use changes::{Change, ChangeStore, Changed};
pub use error::{Error, WrongKeys};
pub use hold::Hold;
pub use inbox::{Accepted, Backlog, Body, EventKey, InboxEvent, InboxStore, NewEvent, WaitsFor};
pub use jobs::{JobRecord, JobStore};
pub use links::{
    CodeHash, Exchange, ExchangeStart, LinkOutcome, LinkSessionRecord, LinkStore, NewLink,
};
pub use memory::MemoryStore;
pub use notices::{Notice, Notices};
pub use outbox::{NewMessage, Nudge, OutboxBacklog, OutboxMessage, OutboxStore};
pub use postgres::PostgresStore;
pub use prune::{Prunable, PruneStore};
pub use record::{AccountRecord, ConsentRecord, Profile, ToldIncome};
pub use sealed::{Keyring, SealStore, Sealing};
pub use sqlite::{SqliteLocation, SqliteStore};
pub use statement_pdfs::StatementPdfStore;
pub use users::{UserErasure, UserRecords, UserStore};

use std::time::Duration;

use async_trait::async_trait;

/// Everything the proxy keeps. Object-safe; every call is one transaction.
#[async_trait]
pub trait Store:
    AccountStore
    + AuditStore
    + ChangeStore
    + InboxStore
    + JobStore
    + LinkStore
    + OutboxStore
    + PruneStore
    + SealStore
    + StatementPdfStore
    + UserStore
{
    /// Whether the store answers.
    async fn ping(&self) -> Result<(), Error>;

    /// Hears of what other processes on this database change from now on.
    async fn notices(&self) -> Notices;

    /// Waits until no other process holds this name, and holds it; none when that takes longer
    /// than patience lasts. Callers of one process take turns by themselves.
    async fn hold(&self, name: &str, patience: Duration) -> Result<Option<Hold>, Error>;

    /// Waits for what is being written, and lets go of the database.
    async fn close(&self);
}
