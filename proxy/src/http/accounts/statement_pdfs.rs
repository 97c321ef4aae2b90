//! `POST /api/accounts/{id}/statement-pdfs` and `GET …/statement-pdfs/{job_id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mono_connect_shared::statement::{StatementPdf, StatementPdfRequest};

use super::path::{JobPath, Target};
use crate::http::body;
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// Has Mono build a statement as a PDF.
///
/// Each call begins another one.
#[utoipa::path(
    post,
    path = "/accounts/{id}/statement-pdfs",
    operation_id = "start_statement_pdf",
    tag = "Data",
    request_body(content = StatementPdfRequest),
    responses(
        (status = 202, description = "Mono builds it, or has built it.", body = StatementPdf),
    ),
    extensions(("x-problems" = json!(["data_not_ready", "upstream"]))),
)]
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

/// How far Mono has come with a PDF.
#[utoipa::path(
    get,
    path = "/accounts/{id}/statement-pdfs/{job_id}",
    operation_id = "statement_pdf",
    tag = "Data",
    responses(
        (status = 200, description = "How far it has come.", body = StatementPdf),
    ),
    extensions(("x-problems" = json!(["job_not_found", "data_not_ready", "upstream"]))),
)]
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
