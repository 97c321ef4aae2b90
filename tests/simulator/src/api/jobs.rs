//! `GET /v2/accounts/{id}/jobs/{job}`, and the headers that a real-time call is answered with.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::answer::{enveloped, refused};
use crate::world::{Job, JobKind, Refusal, World};

const JOB_ID: HeaderName = HeaderName::from_static("x-job-id");
const JOB_STATUS: HeaderName = HeaderName::from_static("x-job-status");
const HAS_NEW_DATA: HeaderName = HeaderName::from_static("x-has-new-data");

/// Starts a job, or finds the last one, when the call asks for real-time data; returns the headers for the answer.
pub(super) fn realtime(
    app: &App,
    account: &str,
    kind: JobKind,
    asked: &HeaderMap,
) -> Result<HeaderMap, Refusal> {
    // The guides write the first, the reference pages the second.
    let wanted = ["x-realtime", "x-real-time"].iter().any(|name| {
        asked
            .get(*name)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
    });
    if !wanted {
        return Ok(HeaderMap::new());
    }
    app.change(|world| {
        let job = world.realtime(account, kind)?;
        Ok(headers(world, &job))
    })
}

fn headers(world: &World, job: &Job) -> HeaderMap {
    let dialect = &world.settings.dialect;
    let mut headers = HeaderMap::new();
    if let Ok(id) = HeaderValue::from_str(&job.id) {
        headers.insert(JOB_ID, id);
    }
    let mut status = job.status.word().to_owned();
    if dialect.upper_case_job_status {
        status.make_ascii_uppercase();
    }
    if let Ok(status) = HeaderValue::from_str(&status) {
        headers.insert(JOB_STATUS, status);
    }
    if job.new_data || !dialect.has_new_data_only_when_true {
        let shown = if job.new_data { "true" } else { "false" };
        headers.insert(HAS_NEW_DATA, HeaderValue::from_static(shown));
    }
    headers
}

pub(super) async fn v2(
    State(app): State<App>,
    Path((account, job)): Path<(String, String)>,
) -> Response {
    let body = app.read(|world| {
        let job = world.job(&account, &job)?;
        Ok(enveloped(
            world.now(),
            "Job execution completed",
            shown(world, job),
        ))
    });
    match body {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(&app, &refusal),
    }
}

fn shown(world: &World, job: &Job) -> Value {
    if world.settings.dialect.job_shape_of_2024 {
        let kind = if job.kind == JobKind::Balance {
            "balance"
        } else {
            "statement"
        };
        return json!({
            "id": job.id,
            "job_status": job.status.word(),
            "name": job.kind.name(),
            "account": job.account,
            "type": kind,
            "synced": job.status.word() == "finished",
            "reauth_required": job.reauth_required,
        });
    }
    json!({
        "id": job.id,
        "status": job.status.word(),
        "name": job.kind.name(),
        "account": job.account,
        "business": world.identity.business,
        "app": world.identity.app,
    })
}
