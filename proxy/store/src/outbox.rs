//! Events for the site's own back end: written together with what they tell, sent afterwards.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::Account;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::outbound::OutboundType;

use crate::Error;
use crate::record::AccountRecord;

/// Keeps messages until they are delivered. Those of one account are given out in the order in
/// which they were written, one at a time.
#[async_trait]
pub trait OutboxStore: Send + Sync + 'static {
    /// Messages that are due, each put off by `lease`: if whoever claimed it dies, it is due again.
    /// None of an account of which an earlier one is still to be delivered.
    async fn claim_messages(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<OutboxMessage>, Error>;

    /// The message is delivered, and forgotten; the next one of its account is due.
    async fn finish_message(&self, message: &OutboxMessage, now: Timestamp) -> Result<(), Error>;

    /// The message is to be tried again then.
    async fn retry_message(
        &self,
        number: i64,
        at: Timestamp,
        failure: &'static str,
    ) -> Result<(), Error>;

    /// The message is not tried any more: a dead letter. The next one of its account is due.
    async fn give_up_message(
        &self,
        message: &OutboxMessage,
        now: Timestamp,
        failure: &'static str,
    ) -> Result<(), Error>;

    /// Dead letters after this number, oldest first.
    async fn dead_letters_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<OutboxMessage>, Error>;

    /// A dead letter is tried again, from the beginning. Whether there was one of this id.
    async fn revive_message(&self, id: &str, now: Timestamp) -> Result<bool, Error>;

    /// How much is still to be delivered.
    async fn outbox_backlog(&self) -> Result<OutboxBacklog, Error>;

    /// Accounts about which something is to be told that nobody has told since then.
    async fn accounts_to_tell(&self, about: Nudge, limit: u32)
    -> Result<Vec<AccountRecord>, Error>;

    /// Writes a message that no change of the account brings about, unless it was told already or
    /// need not be told any more. Of two callers one does it.
    async fn nudge(&self, about: Nudge, message: &NewMessage) -> Result<bool, Error>;
}

/// What is told because time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nudge {
    /// A login is required, and no reminder was written since then.
    Reminder {
        /// Since when.
        since: Timestamp,
    },
    /// Nothing was fetched since then, and that was not told yet.
    Stale {
        /// Since when.
        since: Timestamp,
    },
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// By which whoever is told knows it again. Nobody else's has it.
    pub id: String,
    /// What happened.
    pub kind: OutboundType,
    /// When.
    pub at: Timestamp,
    /// Whose account.
    pub user: UserId,
    /// The account, as it is then.
    pub account: Account,
}

/// A message to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Ours, in the order of writing.
    pub number: i64,
    /// What is to be told.
    pub message: NewMessage,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// Why the last try failed.
    pub failure: Option<String>,
}

impl OutboxMessage {
    /// The account that it is about.
    pub(crate) fn account_id(&self) -> &AccountId {
        &self.message.account.id
    }
}

/// What is still to be delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxBacklog {
    /// How many messages.
    pub messages: u64,
    /// When the oldest of them was written.
    pub oldest: Option<Timestamp>,
    /// How many are not tried any more.
    pub dead_letters: u64,
}
