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

pub(super) use path::{Target, UserPath};

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::AppState;

/// Linking accounts, and ending that: for pages only.
pub(super) fn of_pages() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, unlink::unlink))
        .routes(routes!(reauthorise::reauthorise))
        .merge(data())
}

/// One account's data: for its user's page, and for the site's own back end.
pub(super) fn data() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(balance::balance))
        .routes(routes!(transactions::transactions))
        .routes(routes!(statement::statement))
        .routes(routes!(statement_pdfs::start_statement_pdf))
        .routes(routes!(statement_pdfs::statement_pdf))
        .routes(routes!(credits::credits))
        .routes(routes!(debits::debits))
        .routes(routes!(identity::identity))
        .routes(routes!(income::income))
        .routes(routes!(assets::assets))
        .routes(routes!(earnings::earnings))
        .routes(routes!(sync::sync))
        .routes(routes!(job::job))
}
