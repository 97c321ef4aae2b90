//! `/api/accounts`: one file per endpoint.

mod assets;
mod balance;
mod create;
mod credits;
mod debits;
mod earnings;
mod get;
mod identity;
mod income;
mod job;
mod list;
mod path;
mod reauthorise;
mod statement;
mod statement_pdfs;
mod sync;
mod transactions;
mod unlink;

pub(super) use assets::assets;
pub(super) use balance::balance;
pub(super) use create::create;
pub(super) use credits::credits;
pub(super) use debits::debits;
pub(super) use earnings::earnings;
pub(super) use get::get;
pub(super) use identity::identity;
pub(super) use income::income;
pub(super) use job::job;
pub(super) use list::list;
pub(super) use path::{Target, UserPath};
pub(super) use reauthorise::reauthorise;
pub(super) use statement::statement;
pub(super) use statement_pdfs::{start_statement_pdf, statement_pdf};
pub(super) use sync::sync;
pub(super) use transactions::transactions;
pub(super) use unlink::unlink;
