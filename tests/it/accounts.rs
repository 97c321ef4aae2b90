//! `/api/accounts`.

mod balance;
mod create;
mod get;
mod jobs;
mod ownership;
mod realtime;
mod reauthorise;
mod sync;
mod transactions;
mod upstream;
