//! A linked account as pages see it.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, JobId};
use crate::open_enum::open_enum;
use crate::{MinorUnits, Timestamp};

open_enum! {
    /// How far Mono has come with an account's data (`meta.data_status`).
    pub enum DataStatus (to_ascii_uppercase) {
        /// Still being fetched: data endpoints would answer with nothing.
        Processing = "PROCESSING",
        /// Balance and transactions are there.
        Available = "AVAILABLE",
        /// One of balance and transactions is there; `retrieved_data` says which.
        Partial = "PARTIAL",
        /// Neither is there, because of the bank or because there is no data.
        Unavailable = "UNAVAILABLE",
        /// Neither is there, because of an error on Mono's side.
        Failed = "FAILED",
    }
}

impl DataStatus {
    /// Whether data can be read.
    pub fn is_available(&self) -> bool {
        matches!(self, Self::Available | Self::Partial)
    }
}

open_enum! {
    /// How the last sync of an account ended.
    pub enum SyncResult (to_ascii_lowercase) {
        /// New data was asked for and the bank answered.
        Synced = "synced",
        /// The bank wants its user to log in again first.
        ReauthorisationRequired = "reauthorisation_required",
        /// The sync failed for another reason.
        Failed = "failed",
    }
}

/// A linked account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Account {
    /// Mono's account id.
    pub id: AccountId,
    /// The holder's name as the bank writes it; null until Mono told it.
    pub name: Option<String>,
    /// The bank.
    pub institution: Institution,
    /// The last four digits of the account number; the full number is never sent to pages.
    pub account_number_last4: Option<String>,
    /// The bank's own words, for instance `SAVINGS_ACCOUNT`; not a closed set.
    #[serde(rename = "type")]
    pub account_type: Option<String>,
    /// ISO 4217, for instance `NGN`.
    pub currency: Option<String>,
    /// In the currency's minor unit; null until Mono told it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub balance: Option<MinorUnits>,
    /// How far Mono has come with the data.
    pub data_status: DataStatus,
    /// True for `AVAILABLE` and `PARTIAL`.
    pub data_available: bool,
    /// What was fetched: `identity`, `balance`, `transactions`.
    pub retrieved_data: Vec<String>,
    /// The bank wants its user to log in again before fresh data can be had.
    pub requires_reauth: bool,
    /// Since when.
    #[cfg_attr(feature = "ts", tsify(type = "string | null"))]
    pub requires_reauth_since: Option<Timestamp>,
    /// How the last sync ended.
    pub last_sync: Option<LastSync>,
    /// The budget of manual syncs: one in two minutes.
    pub sync: Budget,
    /// The budget of real-time reads: one in five minutes.
    pub realtime: Budget,
    /// When the account was linked.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub linked_at: Timestamp,
    /// When anything here changed last.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub updated_at: Timestamp,
    /// What the user agreed to when linking.
    pub consent: Option<ConsentGiven>,
    /// An earlier account of the same user that looks like the same bank account linked again.
    pub duplicate_of: Option<AccountId>,
}

/// The bank of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Institution {
    /// For instance `GTBank`.
    pub name: Option<String>,
    /// The bank's code, for instance `058`.
    pub bank_code: Option<String>,
    /// `PERSONAL_BANKING`, `BUSINESS_BANKING`, …
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// How the last sync ended, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct LastSync {
    /// How it ended.
    pub outcome: SyncResult,
    /// When Mono said so.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub at: Timestamp,
}

/// What may be asked of the bank, and when again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Budget {
    /// Whether one is running.
    pub in_progress: bool,
    /// The job that runs or ran last.
    pub job_id: Option<JobId>,
    /// When the next one may start; null when it may start now.
    #[cfg_attr(feature = "ts", tsify(type = "string | null"))]
    pub next_allowed_at: Option<Timestamp>,
}

/// A consent on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct ConsentGiven {
    /// Which text the user agreed to.
    pub version: String,
    /// When.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub given_at: Timestamp,
}

/// All accounts of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct Accounts {
    /// In the order in which they were linked.
    pub accounts: Vec<Account>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case_and_later_ones_are_kept() {
        assert_eq!(DataStatus::from("available"), DataStatus::Available);
        assert_eq!(DataStatus::from("Partial").as_str(), "PARTIAL");
        let later: DataStatus = serde_json::from_str("\"Reconciling\"").unwrap();
        assert_eq!(later, DataStatus::Other("RECONCILING".to_owned()));
        assert_eq!(serde_json::to_string(&later).unwrap(), "\"RECONCILING\"");
        assert!(!later.is_available());
    }
}
