//! A typed client of Mono's REST API, both generations, and a reader of its webhooks.
//!
//! It knows Mono's paths, spellings and failures, and nothing of any server or store: it keeps no
//! state between calls, reads no environment and follows no link that an answer contains.

mod accounts;
mod auth;
mod client;
mod clock;
mod config;
mod error;
mod history;
mod id;
mod identity;
mod income;
mod initiate;
mod institutions;
mod jobs;
mod observer;
mod realtime;
mod reauthorise;
mod secret;
mod statement;
mod sync;
mod transport;
mod unlink;
mod wealth;
pub mod webhook;
mod wire;

pub use accounts::{
    AccountDetails, AccountNumber, Balance, Direction, Institution, Transaction, TransactionKind,
    TransactionPage, TransactionsQuery,
};
pub use auth::{LinkCustomer, LinkInstitution, LinkRequest};
pub use client::Client;
pub use config::{BuildError, Config, Dice, Generation, Repeats};
pub use error::{Cause, Detail, Error, FieldError};
pub use history::{History, Month};
pub use id::{AccountId, InvalidAccountId, InvalidJobId, JobId};
pub use identity::Identity;
pub use income::{IncomeRecord, IncomeRecords};
pub use initiate::HostedLink;
pub use institutions::{Institutions, LinkableInstitution};
pub use jobs::{Job, JobStatus};
pub use observer::{Circuit, EndedCall, Observer};
pub use realtime::{JobRef, Realtime};
pub use reauthorise::ReauthToken;
pub use secret::Redacted;
pub use statement::{InvalidPeriod, PdfStatus, Period, Statement, StatementPdf};
pub use sync::{SyncAnswer, SyncFailure, SyncOutcome};
pub use transport::SPANS;
pub use wealth::{Asset, Assets, Earning, Earnings};
