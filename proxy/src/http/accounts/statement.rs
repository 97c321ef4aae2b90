//! `GET /api/accounts/{id}/statement`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::statement::{InvalidPeriod, Period, Statement};

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

/// The account's rows for some months.
#[utoipa::path(
    get,
    path = "/accounts/{id}/statement",
    operation_id = "statement",
    tag = "Data",
    params(
        ("period" = Option<Period>, Query, description = "How many months back; half a year unless told otherwise."),
    ),
    responses(
        (status = 200, description = "The rows, and how old they are.", body = Statement),
    ),
    extensions(("x-problems" = json!(["data_not_ready", "upstream"]))),
)]
pub(in crate::http) async fn statement(
    State(state): State<AppState>,
    target: Target,
    mut query: Query,
) -> Result<Json<Statement>, ApiError> {
    let period = query.take("period", |text| {
        text.parse()
            .map_err(|error: InvalidPeriod| error.to_string())
    });
    query.finish()?;
    let statement = state
        .accounts
        .statement(&target.user, &target.account, period.unwrap_or_default())
        .await?;
    Ok(Json(statement))
}
