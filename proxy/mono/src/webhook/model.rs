//! What Mono tells, normalised over generations and spellings.
//!
//! Words that Mono may add to stay words. The BVN is not kept.

use std::fmt;

use jiff::Timestamp;

use crate::accounts::{AccountNumber, Institution};
use crate::id::{AccountId, JobId};
use crate::income::IncomeRecords;
use crate::jobs::JobStatus;
use crate::secret::Redacted;

const LONGEST_PRINTED_NAME: usize = 64;

/// Why a body is no webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// It is no JSON.
    #[error("the webhook is no JSON")]
    NotJson,
    /// It names no event, or more than one.
    #[error("the webhook names no event")]
    NoEvent,
}

/// One webhook. `Debug` shows neither names nor numbers nor amounts.
#[derive(Clone, PartialEq)]
pub struct WebhookEvent {
    /// The event's name as it came: not empty, without control characters, of any length.
    pub event: String,
    /// The id under which Mono repeats the event; older events have none.
    pub event_id: Option<String>,
    /// When Mono says that it happened; older events do not say.
    pub timestamp: Option<Timestamp>,
    /// The account that it is about, where it names one, whether it is understood or not.
    pub account: Option<AccountId>,
    /// The reference that it names (`meta.ref`), whether it is understood or not.
    pub reference: Option<String>,
    /// What happened.
    pub kind: Kind,
}

impl WebhookEvent {
    /// The time of the fact that is told, where it is told: the event's own, else that of the
    /// account's last change.
    pub fn told_at(&self) -> Option<Timestamp> {
        let updated_at = match &self.kind {
            Kind::AccountUpdated { updated_at, .. } => *updated_at,
            _ => None,
        };
        self.timestamp.or(updated_at)
    }
}

impl fmt::Debug for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whatever somebody calls his event must not fill a log.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_printed =
            self.event.len() <= LONGEST_PRINTED_NAME && self.event.bytes().all(is_name);
        let event = if is_printed {
            &self.event
        } else {
            "[odd name]"
        };
        f.debug_struct("WebhookEvent")
            .field("event", &event)
            .field("event_id", &self.event_id)
            .field("timestamp", &self.timestamp)
            .field("account", &self.account)
            .field("reference", &self.reference)
            .field("kind", &self.kind)
            .finish()
    }
}

/// What a webhook tells.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// An account was linked.
    AccountConnected {
        /// The account.
        account: AccountId,
        /// How far Mono is with fetching data, as it came.
        data_status: Option<String>,
        /// The reference given when the account was linked (`meta.ref`).
        reference: Option<String>,
        /// Mono's id of the customer.
        customer: Option<String>,
    },
    /// Mono has fetched data of an account, or failed to.
    AccountUpdated {
        /// The account.
        account: AccountId,
        /// Whose account it is and what is on it, as far as it is told.
        details: Box<Profile>,
        /// How far Mono is with fetching data, as it came.
        data_status: Option<String>,
        /// What Mono has fetched; `None` when the event does not say.
        retrieved_data: Option<Vec<String>>,
        /// How a sync ended, when there was one.
        sync_status: Option<SyncStatus>,
        /// Whether the sync brought anything new; `None` when the event does not say.
        has_new_data: Option<bool>,
        /// The job that fetched.
        job: Option<JobId>,
        /// The reference given when the account was linked (`meta.ref`).
        reference: Option<String>,
        /// When the account last changed at Mono.
        updated_at: Option<Timestamp>,
    },
    /// The user has logged in again.
    AccountReauthorised {
        /// The account.
        account: AccountId,
    },
    /// The bank wants the user to log in again.
    ReauthorisationRequired {
        /// The account.
        account: AccountId,
    },
    /// An automatic sync failed.
    SyncFailed {
        /// The account.
        account: AccountId,
    },
    /// The link to the account has ended.
    AccountUnlinked {
        /// The account.
        account: AccountId,
    },
    /// A job has got on.
    JobUpdate {
        /// The job.
        job: JobId,
        /// The account it fetches for; older events do not say.
        account: Option<AccountId>,
        /// What it does: `jobs.accounts.sync_balance` or as it came.
        name: Option<String>,
        /// How it is doing.
        status: JobStatus,
        /// Whether the user must log in again; `None` when the event does not say, as most.
        reauth_required: Option<bool>,
    },
    /// The analysis of an account's income is ready.
    AccountIncome {
        /// The account.
        account: AccountId,
        /// What it found, where the event lists it. Nobody vouches for it: ask Mono first.
        found: Option<IncomeRecords>,
    },
    /// A known event whose data makes no sense.
    Unreadable {
        /// The event's name as it came.
        event: String,
    },
    /// Some other event.
    Other,
}

impl Kind {
    /// What happened, in a word of ours.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AccountConnected { .. } => "account_connected",
            Self::AccountUpdated { .. } => "account_updated",
            Self::AccountReauthorised { .. } => "account_reauthorised",
            Self::ReauthorisationRequired { .. } => "reauthorisation_required",
            Self::SyncFailed { .. } => "sync_failed",
            Self::AccountUnlinked { .. } => "account_unlinked",
            Self::JobUpdate { .. } => "job_update",
            Self::AccountIncome { .. } => "account_income",
            Self::Unreadable { .. } => "unreadable",
            Self::Other => "other",
        }
    }

    /// The account that it names.
    pub(super) const fn account(&self) -> Option<&AccountId> {
        match self {
            Self::AccountConnected { account, .. }
            | Self::AccountUpdated { account, .. }
            | Self::AccountReauthorised { account }
            | Self::ReauthorisationRequired { account }
            | Self::SyncFailed { account }
            | Self::AccountUnlinked { account }
            | Self::AccountIncome { account, .. } => Some(account),
            Self::JobUpdate { account, .. } => account.as_ref(),
            Self::Unreadable { .. } | Self::Other => None,
        }
    }

    /// The reference that it names.
    pub(super) fn reference(&self) -> Option<&str> {
        match self {
            Self::AccountConnected { reference, .. } | Self::AccountUpdated { reference, .. } => {
                reference.as_deref()
            }
            _ => None,
        }
    }
}

/// How a sync ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SyncStatus {
    /// With fresh data.
    Successful,
    /// Without.
    Failed,
    /// The bank wants the user to log in again first.
    ReauthorisationRequired,
    /// A word that Mono did not use when this was written, as it came.
    Other(String),
}

impl SyncStatus {
    /// Mono's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Successful => "SUCCESSFUL",
            Self::Failed => "FAILED",
            Self::ReauthorisationRequired => "REAUTHORISATION_REQUIRED",
            Self::Other(word) => word,
        }
    }

    pub(super) fn of_word(word: String) -> Self {
        let known = [
            ("SUCCESSFUL", Self::Successful),
            ("FAILED", Self::Failed),
            ("REAUTHORISATION_REQUIRED", Self::ReauthorisationRequired),
            ("REAUTHORIZATION_REQUIRED", Self::ReauthorisationRequired),
        ];
        known
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(word.trim()))
            .map_or(Self::Other(word), |(_, status)| status)
    }
}

/// Whose account it is and what is on it. `Debug` shows neither the holder's name nor the account
/// number nor the balance.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The holder's name.
    pub name: Option<String>,
    /// The account number.
    pub account_number: Option<AccountNumber>,
    /// The balance in the currency's minor unit; absent when it is no whole number of it.
    pub balance: Option<i64>,
    /// The currency, `NGN` or as it came.
    pub currency: Option<String>,
    /// The bank's name for this kind of account, free text.
    pub account_type: Option<String>,
    /// The bank.
    pub institution: Institution,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("name", &self.name.as_ref().map(Redacted::new))
            .field("account_number", &self.account_number)
            .field("balance", &self.balance.map(Redacted::new))
            .field("currency", &self.currency)
            .field("account_type", &self.account_type)
            .field("institution", &self.institution)
            .finish()
    }
}
