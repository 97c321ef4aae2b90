//! `/api/accounts`.

mod balance;
mod create;
mod get;
mod ownership;
mod reauthorise;
mod transactions;
mod upstream;
