//! `/api/accounts`: one file per endpoint.

mod balance;
mod create;
mod get;
mod job;
mod list;
mod path;
mod reauthorise;
mod sync;
mod transactions;

pub(super) use balance::balance;
pub(super) use create::create;
pub(super) use get::get;
pub(super) use job::job;
pub(super) use list::list;
pub(super) use reauthorise::reauthorise;
pub(super) use sync::sync;
pub(super) use transactions::transactions;
