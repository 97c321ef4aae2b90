//! `GET /service/audit`: what was done with the keys.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::service::AuditPage;

use crate::http::error::ApiError;
use crate::http::query::{Query, whole};
use crate::http::state::AppState;

/// Entries on a page unless told otherwise.
pub(super) const LIMIT: u32 = 100;

/// Whatever is asked for.
const MAXIMUM: u32 = 1000;

/// What was done with the keys, oldest first.
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "audit",
    tag = "Back end",
    params(
        ("cursor" = Option<i64>, Query, minimum = 0, description = "Where to go on."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many on a page; 100 unless told otherwise."),
    ),
    responses(
        (status = 200, description = "Some entries. `next_cursor` is null at the end.", body = AuditPage),
    ),
)]
pub(super) async fn page(
    State(state): State<AppState>,
    mut query: Query,
) -> Result<Json<AuditPage>, ApiError> {
    let after = query.take("cursor", cursor);
    let limit = query.take("limit", limit).unwrap_or(LIMIT);
    query.finish()?;
    let after = after.unwrap_or_default();
    Ok(Json(state.accounts.audit_log(after, limit).await?))
}

/// Where a page goes on.
pub(super) fn cursor(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(number) if number >= 0 && !text.starts_with('+') => Ok(number),
        _ => Err("must be the `next_cursor` of an earlier page".to_owned()),
    }
}

/// How many on a page.
pub(super) fn limit(text: &str) -> Result<u32, String> {
    whole(text, MAXIMUM)
}
