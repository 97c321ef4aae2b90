//! `GET /api/accounts/{id}/balance`.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::transaction::Balance;

use super::path::AccountPath;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

pub(in crate::http) async fn balance(
    State(state): State<AppState>,
    Caller(user): Caller,
    AccountPath(id): AccountPath,
    mut query: Query,
) -> Result<Json<Balance>, ApiError> {
    let realtime = query.take_flag("realtime");
    query.finish()?;
    Ok(Json(state.accounts.balance(&user, &id, realtime).await?))
}
