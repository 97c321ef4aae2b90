//! Linked accounts: details, balance, transactions.
//!
//! How an account comes to be linked is `auth`'s, and how it is re-authorised `reauthorise`'s.

mod api;
mod balance;
mod details;
mod id;
mod model;
mod transactions;

#[cfg(test)]
mod tests;

pub use self::id::{AccountId, InvalidAccountId};
pub use self::model::{
    AccountDetails, AccountNumber, Balance, Direction, Institution, Transaction, TransactionKind,
    TransactionPage, TransactionsQuery,
};
