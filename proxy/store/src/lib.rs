//! Where the proxy keeps what it knows: one trait, [`Store`], with a memory and a SQLite side.
//!
//! The only place that knows SQL. It decides nothing: use cases read a record, change it in
//! memory, and write it back with the version they read; a write that lost the race is told so.
//! A PostgreSQL side will implement the same trait and pass the same conformance suite (`tests/it`).

mod error;
mod memory;
mod record;
mod sqlite;

pub use error::Error;
pub use memory::MemoryStore;
pub use record::{
    AccountRecord, CodeHash, ConsentRecord, Exchange, ExchangeStart, LinkOutcome,
    LinkSessionRecord, NewLink, Profile, Written,
};
pub use sqlite::{SqliteLocation, SqliteStore};

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, Reference, UserId};

/// Everything the proxy keeps. Object-safe; every call is one transaction.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Whether the store answers.
    async fn ping(&self) -> Result<(), Error>;

    /// Keeps a new link session.
    async fn add_link_session(&self, session: &LinkSessionRecord) -> Result<(), Error>;

    /// The link session with this reference.
    async fn find_link_session(
        &self,
        reference: &Reference,
    ) -> Result<Option<LinkSessionRecord>, Error>;

    /// Writes down that a code is about to be exchanged, before Mono is asked. Whoever comes first
    /// owns the code; a later start by the same user is `Started` again as long as no account came
    /// of it.
    async fn start_exchange(&self, exchange: &Exchange) -> Result<ExchangeStart, Error>;

    /// What is known of a code.
    async fn find_exchange(&self, code: &CodeHash) -> Result<Option<Exchange>, Error>;

    /// Writes down which account Mono gave for a code, so that it is never asked again.
    async fn record_exchange(&self, code: &CodeHash, account: &AccountId) -> Result<(), Error>;

    /// Forgets a code that Mono refused.
    async fn forget_exchange(&self, code: &CodeHash) -> Result<(), Error>;

    /// Adds the account and uses up its link session, both or neither.
    async fn finish_link(&self, link: &NewLink) -> Result<LinkOutcome, Error>;

    /// The user's account with this id. Another user's account is as absent as a missing one, and
    /// takes the same work.
    async fn find_account(
        &self,
        user: &UserId,
        id: &AccountId,
    ) -> Result<Option<AccountRecord>, Error>;

    /// The user's accounts, in the order in which they were linked.
    async fn list_accounts(&self, user: &UserId) -> Result<Vec<AccountRecord>, Error>;

    /// Writes an account back if it still has the version that was read.
    async fn update_account(&self, account: &AccountRecord) -> Result<Written, Error>;

    /// Removes an account and what it left behind. Whether there was one.
    async fn remove_account(&self, user: &UserId, id: &AccountId) -> Result<bool, Error>;

    /// Whether the caller may ask Mono about this account's status now: true for one caller in
    /// every `interval`, whatever the number of callers.
    async fn claim_status_check(
        &self,
        id: &AccountId,
        now: Timestamp,
        interval: SignedDuration,
    ) -> Result<bool, Error>;
}
