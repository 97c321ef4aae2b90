//! `GET /api/accounts/{id}/jobs/{job_id}`: one of an account's jobs.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::transaction::Job;

use super::path::JobPath;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(in crate::http) async fn job(
    State(state): State<AppState>,
    Caller(user): Caller,
    JobPath(account, job): JobPath,
) -> Result<Json<Job>, ApiError> {
    Ok(Json(state.accounts.job(&user, &account, &job).await?))
}
