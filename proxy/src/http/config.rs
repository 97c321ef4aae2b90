//! `GET /api/config`: what a page must know.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::config::PublicConfig;

use super::state::AppState;

/// What a page must know before it links an account.
///
/// Public: nothing in it is a secret, and nobody needs to be logged in.
#[utoipa::path(
    get,
    path = "/config",
    operation_id = "get_config",
    tag = "Session",
    responses(
        (status = 200, description = "What the page must know.", body = PublicConfig),
    ),
    security(()),
)]
pub(super) async fn get(State(state): State<AppState>) -> Json<PublicConfig> {
    Json(state.public_config.clone())
}
