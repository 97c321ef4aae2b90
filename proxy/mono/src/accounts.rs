//! Linked accounts: details, balance, transactions.
//!
//! How an account comes to be linked is `auth`'s, and how it is re-authorised `reauthorise`'s.

mod api;
pub(crate) mod balance;
mod details;
mod model;
mod row;
pub(crate) mod transactions;

#[cfg(test)]
mod tests;

pub(crate) use self::details::{BankWire, Customer};
pub use self::model::{
    AccountDetails, AccountNumber, Balance, Direction, Institution, Transaction, TransactionKind,
    TransactionPage, TransactionsQuery,
};
pub(crate) use self::row::Row;
