//! `GET /api/accounts/{id}/balance`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::transaction::Balance;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

/// The account's balance.
#[utoipa::path(
    get,
    path = "/accounts/{id}/balance",
    operation_id = "balance",
    tag = "Data",
    params(
        ("realtime" = Option<bool>, Query, description = "Ask the bank now, if the budget of one in five minutes allows it."),
    ),
    responses(
        (status = 200, description = "The balance, and how old it is.", body = Balance),
    ),
    extensions(("x-problems" = json!(["data_not_ready", "reauthorisation_required", "not_supported", "upstream"]))),
)]
pub(in crate::http) async fn balance(
    State(state): State<AppState>,
    target: Target,
    mut query: Query,
) -> Result<Json<Balance>, ApiError> {
    let realtime = query.take_flag("realtime");
    query.finish()?;
    Ok(Json(
        state
            .accounts
            .balance(&target.user, &target.account, realtime)
            .await?,
    ))
}
