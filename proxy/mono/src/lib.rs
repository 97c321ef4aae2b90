//! A typed client of Mono's REST API, both generations.
//!
//! It knows Mono's paths, spellings and failures, and nothing of any server or store: it keeps no
//! state between calls, reads no environment and follows no link that an answer contains.

mod accounts;
mod auth;
mod client;
mod clock;
mod error;
mod reauthorise;
mod secret;
mod transport;
mod wire;

pub use accounts::{
    AccountDetails, AccountId, AccountNumber, Balance, Direction, Institution, InvalidAccountId,
    Transaction, TransactionKind, TransactionPage, TransactionsQuery,
};
pub use auth::{LinkCustomer, LinkInstitution, LinkRequest};
pub use client::{BuildError, Client, Config, Generation, Repeats};
pub use error::{Cause, Detail, Error, FieldError};
pub use reauthorise::{HostedLink, ReauthToken};
pub use secret::Redacted;
