//! Mono's REST API, both generations: one file per group of endpoints.
//! Writes its own JSON from Mono's documents; holds no state.

mod accounts;
mod answer;
mod balance;
mod customers;
mod details;
mod exchange;
mod flows;
mod identity;
mod income;
mod initiate;
mod institutions;
mod jobs;
pub(crate) mod key;
mod reauthorise;
mod statement;
mod sync;
mod transactions;
mod unlink;
mod wealth;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

pub(crate) use answer::enqueued;
pub(crate) use answer::failed;

use crate::engine::App;

/// The API that needs the secret key.
pub(crate) fn router(app: &App) -> Router<App> {
    current()
        .merge(unversioned())
        .layer(from_fn_with_state(Arc::clone(app), key::require))
        // The widget library asks for this one from the browser, without a key.
        .route("/coverage", get(institutions::coverage))
        .route("/statements/{name}", get(statement::file))
}

fn current() -> Router<App> {
    Router::new()
        .route("/v2/accounts/auth", post(exchange::v2))
        .route("/v2/accounts/initiate", post(initiate::v2))
        .route("/v2/accounts", get(accounts::v2))
        .route("/v2/accounts/{id}", get(details::v2))
        .route("/v2/accounts/{id}/balance", get(balance::v2))
        .route("/v2/accounts/{id}/transactions", get(transactions::v2))
        .route("/v2/accounts/{id}/jobs/{job}", get(jobs::v2))
        .route("/v2/accounts/{id}/statement", get(statement::v2))
        .route(
            "/v2/accounts/{id}/statement/jobs/{job}",
            get(statement::job_v2),
        )
        .route("/v2/accounts/{id}/identity", get(identity::v2))
        .route("/v2/accounts/{id}/income", get(income::v2))
        .route("/v2/accounts/{id}/income-records", get(income::records_v2))
        .route("/v2/accounts/{id}/credits", get(flows::credits_v2))
        .route("/v2/accounts/{id}/debits", get(flows::debits_v2))
        .route("/v2/accounts/{id}/assets", get(wealth::assets_v2))
        .route("/v2/accounts/{id}/earnings", get(wealth::earnings_v2))
        .route("/v2/accounts/{id}/unlink", post(unlink::v2))
        .route(
            "/v2/customers",
            get(customers::list).post(customers::create),
        )
        .route(
            "/v2/customers/{id}",
            get(customers::one)
                .patch(customers::update)
                .delete(customers::delete),
        )
        .route("/v3/institutions", get(institutions::v3))
}

fn unversioned() -> Router<App> {
    Router::new()
        .route("/account/auth", post(exchange::v1))
        .route("/accounts/{id}", get(details::v1))
        .route("/accounts/{id}/transactions", get(transactions::v1))
        .route("/accounts/{id}/statement", get(statement::v1))
        .route(
            "/accounts/{id}/statement/jobs/{job}",
            get(statement::job_v1),
        )
        .route("/accounts/{id}/identity", get(identity::v1))
        .route("/accounts/{id}/income", get(income::v1))
        .route("/accounts/{id}/credits", get(flows::credits_v1))
        .route("/accounts/{id}/debits", get(flows::debits_v1))
        .route("/accounts/{id}/assets", get(wealth::assets_v1))
        .route("/accounts/{id}/earnings", get(wealth::earnings_v1))
        .route("/accounts/{id}/reauthorise", post(reauthorise::v1))
        .route("/accounts/{id}/sync", post(sync::v1))
        .route("/accounts/{id}/unlink", post(unlink::v1))
}
