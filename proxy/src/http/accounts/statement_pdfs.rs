//! `POST /api/accounts/{id}/statement-pdfs` and `GET …/statement-pdfs/{job_id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mono_connect_shared::statement::{StatementPdf, StatementPdfRequest};

use super::path::{JobPath, Target};
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::state::AppState;

pub(in crate::http) async fn start_statement_pdf(
    State(state): State<AppState>,
    target: Target,
    body::Json(request): body::Json<StatementPdfRequest>,
) -> Result<(StatusCode, Json<StatementPdf>), ApiError> {
    let pdf = state
        .accounts
        .start_statement_pdf(&target.user, &target.account, request.period)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(pdf)))
}

pub(in crate::http) async fn statement_pdf(
    State(state): State<AppState>,
    target: Target,
    JobPath(job): JobPath,
) -> Result<Json<StatementPdf>, ApiError> {
    let pdf = state
        .accounts
        .statement_pdf(&target.user, &target.account, &job)
        .await?;
    Ok(Json(pdf))
}
