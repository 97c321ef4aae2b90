//! `POST /accounts/{id}/sync`: manual data sync, once in two minutes.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::answer::refused;
use crate::world::SyncOutcome;

#[derive(Debug, Deserialize)]
pub(super) struct Parameters {
    #[serde(default)]
    allow_incomplete_statement: bool,
}

pub(super) async fn v1(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Response {
    let outcome = app.change(|world| world.sync(&id, parameters.allow_incomplete_statement));
    let short_code = app.read(|world| world.settings.dialect.short_sync_code);
    let (status, new_data, code) = match outcome {
        Ok(SyncOutcome::Synced { new_data }) if short_code => {
            ("successful", new_data, "SYNC_SUCCESSFUL")
        }
        Ok(SyncOutcome::Synced { new_data }) => ("successful", new_data, "SYNCED_SUCCESSFUL"),
        Ok(SyncOutcome::ReauthorisationRequired) => ("failed", false, "REAUTHORISATION_REQUIRED"),
        Ok(SyncOutcome::Incomplete) => ("failed", false, "INCOMPLETE_STATEMENT_ERROR"),
        Ok(SyncOutcome::Failed) => ("failed", false, "SYNC_ERROR"),
        Err(refusal) => return refused(&app, &refusal),
    };
    Json(json!({ "status": status, "hasNewData": new_data, "code": code })).into_response()
}
