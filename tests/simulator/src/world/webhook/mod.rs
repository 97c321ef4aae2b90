//! What Mono tells the business by itself: events, their payloads in both generations, and when they are delivered.
//! Sends nothing: the `sender` does, when the agenda says so.

mod delivery;
mod payload;

pub use delivery::{Attempt, Delivery, DeliveryState, HandmadeWebhook};
pub(crate) use delivery::{Outgoing, Sent};

/// A fact about a linked account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// Just linked.
    Connected,
    /// A fetch has ended.
    Updated(Update),
    /// The user logged in again.
    Reauthorised,
    /// The bank wants its user.
    ReauthorisationRequired,
    /// A sync brought nothing.
    SyncFailed,
    /// The link has ended.
    Unlinked,
    /// The income was analysed.
    IncomeReady,
    /// A real-time job has got a new status.
    JobChanged {
        /// Its id.
        job: String,
    },
}

/// How a fetch has ended, beyond what the account itself shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Update {
    /// Present after a sync.
    pub(crate) sync_status: Option<&'static str>,
    /// Shown only when true.
    pub(crate) new_data: bool,
    /// The real-time job that fetched.
    pub(crate) job: Option<String>,
}
