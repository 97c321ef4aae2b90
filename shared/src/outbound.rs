//! What the site's own back end is told by itself: events about its users' accounts, in the form of
//! Standard Webhooks.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::Account;
use crate::id::{AccountId, UserId};

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub enum OutboundType {
    /// A user has linked it.
    #[serde(rename = "account.linked")]
    Linked,
    /// What Mono says of it is another: profile, balance, how far its data is, its last sync.
    #[serde(rename = "account.updated")]
    Updated,
    /// The bank wants its user to log in again.
    #[serde(rename = "account.reauthorisation_required")]
    ReauthorisationRequired,
    /// The login that was required no longer is.
    #[serde(rename = "account.reauthorised")]
    Reauthorised,
    /// The link has ended, and everything of it is erased.
    #[serde(rename = "account.unlinked")]
    Unlinked,
    /// Nothing new was fetched for days.
    #[serde(rename = "account.stale")]
    Stale,
    /// A login is still required: at most once a day, when people may be written to.
    #[serde(rename = "account.reauthorisation_reminder")]
    ReauthorisationReminder,
}

impl OutboundType {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Linked,
        Self::Updated,
        Self::ReauthorisationRequired,
        Self::Reauthorised,
        Self::Unlinked,
        Self::Stale,
        Self::ReauthorisationReminder,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "account.linked",
            Self::Updated => "account.updated",
            Self::ReauthorisationRequired => "account.reauthorisation_required",
            Self::Reauthorised => "account.reauthorised",
            Self::Unlinked => "account.unlinked",
            Self::Stale => "account.stale",
            Self::ReauthorisationReminder => "account.reauthorisation_reminder",
        }
    }
}

/// The body of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboundEvent {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: OutboundType,
    /// When.
    pub timestamp: Timestamp,
    /// To which account.
    pub data: OutboundData,
}

/// The account that an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboundData {
    /// Whose.
    pub user_id: UserId,
    /// As it was when it happened. Once it is unlinked, nothing personal is left in it.
    pub account: Account,
}

/// An event that could not be delivered for days, and is not tried any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeadLetter {
    /// What `webhook-id` is.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: OutboundType,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Whose account.
    pub user_id: UserId,
    /// Which account.
    pub account_id: AccountId,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last try failed, in a few words of ours.
    pub failure: Option<String>,
}

/// Some of the dead letters, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeadLettersPage {
    /// The events.
    pub dead_letters: Vec<DeadLetter>,
    /// Where to go on; null at the end.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_the_same_everywhere() {
        for kind in OutboundType::ALL {
            let json = serde_json::to_value(kind).unwrap();
            assert_eq!(json, kind.as_str());
        }
    }
}
