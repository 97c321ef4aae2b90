//! `GET /api/accounts/{id}/jobs/{job_id}`: one of an account's jobs.

use axum::Json;
use axum::extract::State;
use mono_connect_shared::transaction::Job;

use super::path::{JobPath, Target};
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// One of an account's jobs.
///
/// Asks Mono while it runs. Mono's v1 API has no jobs.
#[utoipa::path(
    get,
    path = "/accounts/{id}/jobs/{job_id}",
    operation_id = "job",
    tag = "Accounts",
    responses(
        (status = 200, description = "The job as it is known.", body = Job),
    ),
    extensions(("x-problems" = json!(["job_not_found", "not_supported"]))),
)]
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
