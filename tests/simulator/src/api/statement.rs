//! `GET …/statement` as JSON or PDF, and `GET …/statement/jobs/{job}`.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use jiff::ToSpan;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::answer::{enveloped, refused};
use super::transactions::row_id;
use crate::clock::{iso, later};
use crate::random::object_id;
use crate::world::{LinkedAccount, Refusal, StatementPdf, World, date_of};

#[derive(Debug, Deserialize)]
pub(super) struct Parameters {
    period: Option<String>,
    output: Option<String>,
}

pub(super) async fn v2(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Response {
    let body = app.change(|world| {
        let months = parameters.months()?;
        let now = world.now();
        if parameters.wants_pdf() {
            let data = start_pdf(world, &id)?;
            return Ok(enveloped(now, "Statement is being built", data));
        }
        let Selected {
            rows,
            requested,
            available,
        } = select(world, world.account(&id)?, months, row_v2);
        let data = json!({
            "count": rows.len(),
            "requested_length": requested,
            "available_length": available,
            "statement": rows,
        });
        Ok(enveloped(now, "Successfully fetched statement", data))
    });
    answer(&app, body)
}

pub(super) async fn v1(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Response {
    let body = app.change(|world| {
        let months = parameters.months()?;
        if parameters.wants_pdf() {
            return start_pdf(world, &id);
        }
        let Selected {
            rows,
            requested,
            available,
        } = select(world, world.account(&id)?, months, row_v1);
        let meta = json!({
            "count": rows.len(), "requested_length": requested, "available_length": available,
        });
        Ok(json!({ "meta": meta, "data": rows }))
    });
    answer(&app, body)
}

pub(super) async fn job_v2(app: State<App>, path: Path<(String, String)>) -> Response {
    let (account, job) = &*path;
    let body = app.read(|world| {
        let data = pdf(world, account, job)?;
        Ok(enveloped(
            world.now(),
            "Request was successfully completed",
            data,
        ))
    });
    answer(&app, body)
}

pub(super) async fn job_v1(app: State<App>, path: Path<(String, String)>) -> Response {
    let (account, job) = &*path;
    answer(&app, app.read(|world| pdf(world, account, job)))
}

/// The file itself; as Mono's, it is fetched without a key.
pub(super) async fn file(State(app): State<App>, Path(name): Path<String>) -> Response {
    let known = app.read(|world| {
        name.strip_suffix(".pdf")
            .is_some_and(|job| world.statement_pdfs.contains_key(job))
    });
    if known {
        ([(CONTENT_TYPE, "application/pdf")], MINIMAL_PDF).into_response()
    } else {
        refused(&app, &Refusal::UnknownJob)
    }
}

const MINIMAL_PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

impl Parameters {
    fn months(&self) -> Result<i64, Refusal> {
        let text = self.period.as_deref().unwrap_or("last6months");
        let number = text.strip_prefix("last").and_then(|rest| {
            rest.strip_suffix("months")
                .or_else(|| rest.strip_suffix("month"))
        });
        let months = number.and_then(|number| number.parse().ok());
        months
            .filter(|months| (1..=12).contains(months))
            .ok_or_else(|| {
                Refusal::InvalidFields(vec![("period", "must be last1month to last12months")])
            })
    }

    fn wants_pdf(&self) -> bool {
        self.output.as_deref() == Some("pdf")
    }
}

struct Selected {
    rows: Vec<Value>,
    /// Days.
    requested: i64,
    /// Days.
    available: i64,
}

fn select(
    world: &World,
    account: &LinkedAccount,
    months: i64,
    row: fn(&World, &LinkedAccount, usize) -> Value,
) -> Selected {
    let today = date_of(world.now());
    let from = today.checked_sub(months.months()).unwrap_or(today);
    let days = |since: jiff::civil::Date| i64::from((today - since).get_days());
    let entries = world.entries(account);
    let rows = (0..entries.len())
        .rev()
        .take_while(|&index| date_of(entries[index].at) >= from)
        .map(|index| row(world, account, index))
        .collect();
    let available = entries.first().map_or(0, |oldest| days(date_of(oldest.at)));
    Selected {
        rows,
        requested: days(from),
        available,
    }
}

fn row_v2(world: &World, account: &LinkedAccount, index: usize) -> Value {
    let mut row = row_v1(world, account, index);
    if let Some(members) = row.as_object_mut() {
        members.remove("_id");
    }
    row["id"] = json!(row_id(world, account, index));
    row["currency"] = json!(world.bank_account(account).currency);
    row
}

fn row_v1(world: &World, account: &LinkedAccount, index: usize) -> Value {
    let entry = &world.entries(account)[index];
    json!({
        "_id": row_id(world, account, index),
        "type": if entry.credit { "credit" } else { "debit" },
        "date": iso(entry.at),
        "narration": entry.narration,
        "amount": entry.amount,
        "balance": entry.balance,
    })
}

fn start_pdf(world: &mut World, account: &str) -> Result<Value, Refusal> {
    world.account(account)?;
    let id = object_id(&mut world.ids);
    let ready_at = later(world.now(), Duration::from_secs(2));
    let job = StatementPdf {
        account: account.to_owned(),
        ready_at,
    };
    world.statement_pdfs.insert(id.clone(), job);
    pdf(world, account, &id)
}

fn pdf(world: &World, account: &str, job: &str) -> Result<Value, Refusal> {
    world.account(account)?;
    let pdf = world
        .statement_pdfs
        .get(job)
        .filter(|pdf| pdf.account == account);
    let pdf = pdf.ok_or(Refusal::UnknownJob)?;
    let built = if world.settings.dialect.pdf_complete {
        "COMPLETE"
    } else {
        "BUILT"
    };
    let status = if pdf.ready_at <= world.now() {
        built
    } else {
        "BUILDING"
    };
    let path = format!("{}/statements/{job}.pdf", world.identity.public_url);
    Ok(json!({ "id": job, "status": status, "path": path }))
}

fn answer(app: &App, body: Result<Value, Refusal>) -> Response {
    match body {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(app, &refusal),
    }
}
