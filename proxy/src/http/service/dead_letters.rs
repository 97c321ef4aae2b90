//! `/service/dead-letters`: events that the back end did not take for days.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use mono_connect_shared::outbound::DeadLettersPage;

use super::log::{LIMIT, cursor, limit};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

/// Events that are not tried any more, oldest first.
#[utoipa::path(
    get,
    path = "/dead-letters",
    operation_id = "dead_letters",
    tag = "Back end",
    params(
        ("cursor" = Option<i64>, Query, minimum = 0, description = "Where to go on."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many on a page; 100 unless told otherwise."),
    ),
    responses(
        (status = 200, description = "Some of them. `next_cursor` is null at the end.", body = DeadLettersPage),
    ),
)]
pub(super) async fn page(
    State(state): State<AppState>,
    mut query: Query,
) -> Result<Json<DeadLettersPage>, ApiError> {
    let after = query.take("cursor", cursor).unwrap_or_default();
    let limit = query.take("limit", limit).unwrap_or(LIMIT);
    query.finish()?;
    Ok(Json(state.accounts.dead_letters(after, limit).await?))
}

/// Sends an event once more, with the same id.
#[utoipa::path(
    post,
    path = "/dead-letters/{event_id}/resend",
    operation_id = "resend_dead_letter",
    tag = "Back end",
    params(
        ("event_id" = String, Path, description = "Its `id`.", min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_\\-]+$"),
    ),
    responses(
        (status = 204, description = "It will be sent now."),
    ),
    extensions(("x-problems" = json!(["not_found"]))),
)]
pub(super) async fn resend(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    state.accounts.resend(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
