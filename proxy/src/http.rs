//! HTTP: routes, extractors and answers. The only part that knows axum.
//!
//! A handler reads its input, calls one use case and answers. Nothing of a caller's request is ever
//! passed on to Mono: use cases take typed values only.

mod accounts;
mod body;
mod caller;
mod config;
mod envelope;
mod error;
mod events;
mod guard;
mod headers;
mod health;
mod in_time;
mod institutions;
mod link_sessions;
mod me;
mod metrics;
mod openapi;
mod pages;
mod query;
mod rate_limit;
mod room;
pub mod server;
mod service;
mod session;
mod state;
mod trace;
mod webhooks;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use mono_connect_shared::problem::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::config::Config;
use error::ApiError;

pub use envelope::PeerAddress;
pub use openapi::document as openapi_document;
pub use state::AppState;

/// What a listener serves.
pub type Routes = Router;

/// The public listener: browser API and static files.
pub fn public_router(state: AppState, config: &Config) -> Router {
    let router = Router::new()
        .nest("/api", api_router(&state, config))
        .nest("/service", service::router(&state))
        .merge(open_routes())
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found);
    pages::with_static_files(router, config)
        .layer(CatchPanicLayer::custom(error::from_panic))
        .layer(from_fn_with_state(state.clone(), envelope::wrap))
        .with_state(state)
}

/// The listener that is not for the public: health, readiness and metrics.
pub fn admin_router(state: AppState) -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::get))
        .layer(from_fn_with_state(state.clone(), headers::add))
        .with_state(state)
}

// Routes come with their part of the document; what surrounds them is told by `openapi::areas`.

/// What pages call, under `/api`.
fn api_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(config::get))
        .routes(routes!(session::create))
        .routes(routes!(link_sessions::create))
        .merge(accounts::of_pages())
        .routes(routes!(institutions::list))
        .routes(routes!(events::stream))
        .routes(routes!(me::export))
        .routes(routes!(me::erase))
}

/// What is for neither pages nor the site's back end.
fn open_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(webhooks::accept))
        .routes(routes!(openapi::json))
        .routes(routes!(openapi::docs))
}

fn api_router(state: &AppState, config: &Config) -> Router<AppState> {
    let router = Router::from(api_routes())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(state.clone(), rate_limit::limit))
        .layer(from_fn_with_state(state.clone(), caller::identify))
        .layer(from_fn_with_state(state.clone(), guard::check))
        .layer(from_fn_with_state(state.read_budget, in_time::answer))
        .layer(from_fn_with_state(state.clone(), room::admit));
    if config.listen.allowed_origins.is_empty() {
        router
    } else {
        router.layer(cors(config))
    }
}

/// Lets the allowed origins' pages read answers. The guard refuses everybody else's calls anyway.
fn cors(config: &Config) -> CorsLayer {
    let origins = config
        .listen
        .allowed_origins
        .iter()
        .filter_map(|origin| origin.parse().ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.collect::<Vec<HeaderValue>>()))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            guard::HEADER,
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([HeaderName::from_static("x-request-id"), header::RETRY_AFTER])
        .max_age(std::time::Duration::from_mins(10))
}

async fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "There is nothing at this path.")
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(
        ErrorCode::InvalidRequest,
        "This path does not know that method.",
    )
    .with_status(axum::http::StatusCode::METHOD_NOT_ALLOWED)
}
