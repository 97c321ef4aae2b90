//! `/service`: for the site's own back end, which proves itself with a key.
//!
//! No cookie counts here and no page's origin is allowed. Every use of a key is in the audit log
//! before its answer is sent.

mod accounts;
mod audited;
mod key;
mod log;
mod users;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use super::state::AppState;
use super::{account_data, method_not_allowed, not_found, rate_limit};

pub(super) use audited::Used;
pub(super) use key::ServiceKeys;

/// Everything under `/service`. A call without a valid key is 401, whatever its path.
pub(super) fn router(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/accounts", get(accounts::list))
        .route("/accounts/{id}", get(accounts::get))
        .merge(account_data())
        .route("/users/{user_id}/export", get(users::export))
        .route("/users/{user_id}", axum::routing::delete(users::erase))
        .route("/audit", get(log::page))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(state.clone(), audited::audit))
        .layer(from_fn_with_state(state.clone(), rate_limit::limit))
        .layer(from_fn_with_state(state.clone(), key::identify))
}
