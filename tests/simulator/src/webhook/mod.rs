//! What Mono tells the business by itself: events, their payloads in both generations, and how they are delivered.

mod delivery;
mod payload;
mod send;

pub use delivery::{Attempt, Delivery, DeliveryState, HandmadeWebhook};
pub(crate) use delivery::{Outgoing, Sent};
pub(crate) use send::{Sender, sender};

/// A fact about a linked account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// Just linked.
    Connected,
    /// A fetch has ended.
    Updated {
        /// Present after a sync.
        sync_status: Option<&'static str>,
        /// Shown only when true.
        new_data: bool,
    },
    /// The user logged in again.
    Reauthorised,
    /// The bank wants its user.
    ReauthorisationRequired,
    /// The link has ended.
    Unlinked,
}
