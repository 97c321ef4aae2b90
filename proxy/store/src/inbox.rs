//! Events of Mono's, kept before they are answered and worked on after.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId, Reference};

use crate::Error;

/// Keeps events until they are done.
#[async_trait]
pub trait InboxStore: Send + Sync + 'static {
    /// Keeps an event. When this returns, the event survives the loss of power.
    async fn accept_event(&self, event: NewEvent) -> Result<Accepted, Error>;

    /// Events that are due, oldest first, each put off by `lease`: if whoever claimed it dies, it
    /// is due again.
    async fn claim_events(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<InboxEvent>, Error>;

    /// The event is done. Its body is erased, and what it names, unless it may be wanted later: it
    /// holds personal data, and the key is all that is needed to know the event again.
    async fn finish_event(&self, id: i64, at: Timestamp, body: Body) -> Result<(), Error>;

    /// The event is to be tried again then.
    async fn retry_event(&self, id: i64, at: Timestamp) -> Result<(), Error>;

    /// The event waits until what it is about is known. False when it is known by now, or known to
    /// be erased, the event itself included: then it is to be tried again at once.
    async fn park_event(&self, id: i64, waits_for: &WaitsFor) -> Result<bool, Error>;

    /// How much is still to be worked on. What is parked does not count: it waits for others.
    async fn inbox_backlog(&self) -> Result<Backlog, Error>;
}

/// An event as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// By which the same event is known again.
    pub key: EventKey,
    /// Its name, as it came.
    pub name: String,
    /// Its body, as it came.
    pub body: Vec<u8>,
    /// Which account it names: the event goes when the account is erased.
    pub account: Option<AccountId>,
    /// Which attempt to link it names: the event goes when the user is erased.
    pub reference: Option<Reference>,
    /// When it came.
    pub received_at: Timestamp,
}

/// By which the same event is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKey {
    /// Mono's `event_id`: the same event whenever it comes.
    Id(String),
    /// SHA-256 of the body, for events without an id: the same event if it comes again within
    /// this time. Later it is a new event that says the same.
    Content {
        /// The digest.
        digest: [u8; 32],
        /// For how long.
        within: SignedDuration,
    },
}

/// What accepting did. Both are durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// The event is new.
    New,
    /// It was there before.
    Duplicate,
}

/// An event to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEvent {
    /// Ours, in the order of acceptance.
    pub id: i64,
    /// As it came.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: Timestamp,
    /// How often it was claimed, this time included.
    pub attempts: u32,
}

/// What is still to be worked on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many events.
    pub events: u64,
    /// When the oldest of them came.
    pub oldest: Option<Timestamp>,
}

/// What becomes of the body of an event that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// It was understood and applied.
    Erased,
    /// It was not understood; a later version may.
    Kept,
}

/// What an event is about that is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitsFor {
    /// An account whose code was not exchanged yet.
    Account(AccountId),
    /// A job whose start was not written down yet.
    Job(JobId),
}
