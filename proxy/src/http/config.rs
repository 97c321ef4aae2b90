//! `GET /api/config`: what a page must know.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::config::PublicConfig;

use super::state::AppState;

pub(super) async fn get(State(state): State<AppState>) -> Json<PublicConfig> {
    Json(state.public_config.as_ref().clone())
}
