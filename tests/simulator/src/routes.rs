//! Puts the routers together.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};

use crate::api::{self, failed};
use crate::control;
use crate::engine::App;
use crate::server::log::observe;
use crate::widget;
use crate::world::World;

/// Everything that both listeners serve.
pub(crate) fn router(app: &App) -> Router {
    api::router(app)
        .merge(control::router())
        .merge(widget::router())
        .fallback(unknown)
        .layer(from_fn_with_state(Arc::clone(app), observe))
        .with_state(Arc::clone(app))
}

async fn unknown(State(app): State<App>, uri: Uri) -> Response {
    let body = failed(
        app.read(World::now),
        &format!("No such path: {}", uri.path()),
    );
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}
