//! `GET /api/accounts/{id}/jobs/{job_id}`: one of an account's jobs.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::transaction::Job;

use super::path::{JobPath, Target};
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(in crate::http) async fn job(
    State(state): State<AppState>,
    target: Target,
    JobPath(job): JobPath,
) -> Result<Json<Job>, ApiError> {
    Ok(Json(
        state
            .accounts
            .job(&target.user, &target.account, &job)
            .await?,
    ))
}
