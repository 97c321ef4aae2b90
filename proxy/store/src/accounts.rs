//! Linked accounts.

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};

use crate::Error;
use crate::outbox::NewMessage;
use crate::record::AccountRecord;

/// Keeps accounts. Every write of one is also a [`Change`](crate::Change) of its user's.
#[async_trait]
pub trait AccountStore: Send + Sync + 'static {
    /// The user's account with this id. Another user's account is as absent as a missing one, and
    /// takes the same work.
    async fn find_account(
        &self,
        user: &UserId,
        id: &AccountId,
    ) -> Result<Option<AccountRecord>, Error>;

    /// The account with this id, whoever's it is: for what Mono tells, never for a caller.
    async fn find_any_account(&self, id: &AccountId) -> Result<Option<AccountRecord>, Error>;

    /// The user's accounts, in the order in which they were linked.
    async fn list_accounts(&self, user: &UserId) -> Result<Vec<AccountRecord>, Error>;

    /// Writes an account back if it still has the version that was read, and with it what the
    /// site's back end is to be told of it.
    async fn update_account(
        &self,
        account: &AccountRecord,
        messages: &[NewMessage],
    ) -> Result<Written, Error>;

    /// Takes an account away that never was this user's. How it came about stays known, and what waits
    /// for it goes on waiting. Whether there was one.
    ///
    /// With a message as its end: what was to be told of it before is told with the account that
    /// this message holds. Without one, nothing is told of it any more.
    async fn remove_account(
        &self,
        user: &UserId,
        id: &AccountId,
        at: Timestamp,
        last: Option<&NewMessage>,
    ) -> Result<bool, Error>;

    /// Erases an account whose link has ended, and everything that names it: jobs, changes, events,
    /// and how it was linked. What is left is that it was erased, for its user's pages and for what
    /// Mono tells late; and for the site's back end its last message, as when it is removed.
    /// Whether there was one.
    async fn erase_account(
        &self,
        user: &UserId,
        id: &AccountId,
        at: Timestamp,
        last: Option<&NewMessage>,
    ) -> Result<bool, Error>;

    /// Whether an account with this id was erased, and not linked again since.
    async fn is_erased(&self, id: &AccountId) -> Result<bool, Error>;

    /// Whether the caller may ask Mono about this account now: true for one caller in every
    /// `interval`, whatever the number of callers. Each kind of check has its own interval.
    async fn claim_check(
        &self,
        id: &AccountId,
        check: Check,
        now: Timestamp,
        interval: SignedDuration,
    ) -> Result<bool, Error>;

    /// Accounts whose data is still being fetched and that are due to be asked about, each put off
    /// until `until`. Of two callers one gets an account.
    async fn claim_processing_accounts(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error>;

    /// Accounts with consent on record that were linked before a scheduled run and were not part of
    /// it yet, each put off until `until`: if whoever claimed it dies, it is due again. Of two
    /// callers one gets an account.
    async fn claim_scheduled_accounts(
        &self,
        run: Timestamp,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error>;

    /// The account has been part of a scheduled run: nobody gets it again for this one.
    async fn finish_scheduled_account(&self, id: &AccountId, run: Timestamp) -> Result<(), Error>;

    /// Puts off the next question about an account whose data is still being fetched.
    async fn put_off_check(&self, id: &AccountId, until: Timestamp) -> Result<(), Error>;
}

/// Why Mono is asked about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Its user looks at it while its data is being fetched.
    Status,
    /// An event claims something that Mono must confirm.
    Confirmation,
    /// An event claims that one of its jobs has ended.
    Job,
    /// No event has told the end of an analysis of its income.
    Income,
}

/// What a write with a version did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Written; the record now has this version.
    Version(i64),
    /// Somebody else wrote first: read again.
    Conflict,
    /// There is no such account any more.
    Gone,
}

/// By which an account that is gone is known again. Nothing says which one it was.
pub(crate) fn digest_of(id: &AccountId) -> Vec<u8> {
    digest(&SHA256, id.as_str().as_bytes()).as_ref().to_vec()
}
