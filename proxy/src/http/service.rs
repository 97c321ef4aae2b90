//! `/service`: for the site's own back end, which proves itself with a key.
//!
//! No cookie counts here and no page's origin is allowed. Every use of a key is in the audit log
//! before its answer is sent.

mod accounts;
mod audited;
mod dead_letters;
mod key;
mod log;
mod users;

use axum::Router;
use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::AppState;
use super::{in_time, method_not_allowed, not_found, rate_limit, room};

pub(super) use audited::Used;
pub(super) use key::ServiceKeys;

/// What the site's back end calls, under `/service`.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::get))
        .merge(super::accounts::data())
        .routes(routes!(users::export))
        .routes(routes!(users::erase))
        .routes(routes!(log::page))
        .routes(routes!(dead_letters::page))
        .routes(routes!(dead_letters::resend))
}

/// The same, with what stands before them. A call without a valid key is 401, whatever its path.
pub(super) fn router(state: &AppState) -> Router<AppState> {
    Router::from(routes())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        // Within the audit, which notes what was answered.
        .layer(from_fn_with_state(state.read_budget, in_time::answer))
        .layer(from_fn_with_state(state.clone(), audited::audit))
        .layer(from_fn_with_state(state.clone(), rate_limit::limit))
        .layer(from_fn_with_state(state.clone(), key::identify))
        .layer(from_fn_with_state(state.clone(), room::admit))
}
