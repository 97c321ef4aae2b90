//! Balance and transactions of an account.

use serde::{Deserialize, Serialize};

use crate::id::JobId;
use crate::open_enum::open_enum;
use crate::{MinorUnits, Timestamp};

open_enum! {
    /// Which way the money went.
    pub enum TransactionKind (to_ascii_lowercase) {
        /// Out of the account.
        Debit = "debit",
        /// Into the account.
        Credit = "credit",
    }
}

open_enum! {
    /// How far a background job of Mono's has come.
    pub enum JobStatus (to_ascii_lowercase) {
        /// Still at work.
        Processing = "processing",
        /// Done.
        Finished = "finished",
        /// Ended without success; perhaps the user must log in again.
        Failed = "failed",
    }
}

impl JobStatus {
    /// Whether nothing more will come. A later word of Mono's may mean anything, so it does not end
    /// a job.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Finished | Self::Failed)
    }
}

/// One movement on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Transaction {
    /// Mono's id; some banks' rows have none.
    pub id: Option<String>,
    /// Which way the money went.
    #[serde(rename = "type")]
    pub kind: TransactionKind,
    /// Always positive, in the currency's minor unit.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub amount: MinorUnits,
    /// The bank's own text.
    pub narration: String,
    /// When the bank booked it.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub date: Timestamp,
    /// The account's balance after it, where the bank tells it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub balance: Option<MinorUnits>,
    /// The row's currency, else the account's.
    pub currency: Option<String>,
    /// Mono's guess, for instance `bank_charges`; not a closed set.
    pub category: Option<String>,
}

/// Where an answer came from and how old it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Freshness {
    /// Who answered.
    pub source: Source,
    /// When that source was asked.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub as_of: Timestamp,
    /// Whether a real-time read brought new data; null when none was asked for or Mono did not say.
    pub has_new_data: Option<bool>,
    /// The real-time job behind it.
    pub job: Option<JobReference>,
}

/// Who answered a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub enum Source {
    /// Mono, just now.
    Mono,
    /// The proxy's memory of Mono's last answer.
    Cache,
}

/// A background job, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct JobReference {
    /// Which one.
    pub id: JobId,
    /// How far it has come.
    pub status: JobStatus,
}

/// A background job of Mono's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Job {
    /// Mono's id of it.
    pub id: JobId,
    /// Mono's name of it, for instance `jobs.accounts.sync_balance`; null until told.
    pub name: Option<String>,
    /// How far it has come.
    pub status: JobStatus,
    /// Whether it failed because the user must log in again; null where Mono has not said.
    pub reauth_required: Option<bool>,
    /// When it changed last.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub updated_at: Timestamp,
}

/// Answer of `POST /api/accounts/{id}/sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct SyncOutcome {
    /// How it ended, or that it goes on.
    pub status: SyncStatus,
    /// Whether it brought new data; null where Mono has not said.
    pub has_new_data: Option<bool>,
    /// The job behind it, where there is one.
    pub job_id: Option<JobId>,
    /// When the next one is allowed.
    #[cfg_attr(feature = "ts", tsify(type = "string | null"))]
    pub next_allowed_at: Option<Timestamp>,
}

/// How a sync ended, or that it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub enum SyncStatus {
    /// The bank answered.
    Synced,
    /// Mono is still at it.
    Processing,
    /// The bank asks its user to log in again first.
    ReauthorisationRequired,
    /// It failed for another reason.
    Failed,
}

/// An account's balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Balance {
    /// In the currency's minor unit; null where the bank tells none.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub balance: Option<MinorUnits>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Where it came from.
    pub freshness: Freshness,
}

/// One page of an account's transactions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Transactions {
    /// The page's rows.
    pub transactions: Vec<Transaction>,
    /// Which page this is; the first is 1.
    pub page: u32,
    /// How many there are on all pages; null where Mono does not say.
    #[cfg_attr(feature = "ts", tsify(type = "number | null"))]
    pub total: Option<u64>,
    /// The page to ask for next; null on the last.
    pub next_page: Option<u32>,
    /// How many rows made no sense and were left out.
    pub skipped: u32,
    /// Where they came from.
    pub freshness: Freshness,
}
