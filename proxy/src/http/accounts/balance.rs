//! `GET /api/accounts/{id}/balance`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::transaction::Balance;

use super::path::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

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
