//! The widget: the script that pages load, the page where a bank user acts, and that page's own back end.

mod backend;
mod pages;
mod steps;

use axum::Router;
use axum::routing::{get, post};

use crate::engine::App;

/// Script, pages and back end.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(pages::root))
        .route("/widget", get(pages::widget))
        .route("/link/{id}", get(pages::hosted))
        .route("/connect.js", get(pages::connect_script))
        .route("/_widget/widget.js", get(pages::widget_script))
        .route("/_widget/widget.css", get(pages::widget_style))
        .route("/_widget/visits", post(backend::open))
        .route(
            "/_widget/visits/{visit}/institution",
            post(backend::choose_institution),
        )
        .route("/_widget/visits/{visit}/login", post(backend::log_in))
        .route("/_widget/visits/{visit}/otp", post(backend::confirm_otp))
        .route(
            "/_widget/visits/{visit}/account",
            post(backend::choose_account),
        )
        .route("/_widget/visits/{visit}/cancel", post(backend::cancel))
}
