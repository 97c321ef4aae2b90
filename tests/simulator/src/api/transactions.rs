//! `GET /v2/accounts/{id}/transactions` and `GET /accounts/{id}/transactions`.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::answer::{enqueued, enveloped, refused};
use super::jobs::realtime;
use crate::clock::iso;
use crate::random::{dice, object_id};
use crate::world::{JobKind, LinkedAccount, Refusal, World, date_of};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Parameters {
    start: Option<String>,
    end: Option<String>,
    narration: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    paginate: Option<String>,
    limit: Option<String>,
    page: Option<String>,
}

/// The parameters, understood.
#[derive(Debug)]
struct Selection {
    start: Option<Date>,
    end: Option<Date>,
    narration: Option<String>,
    credit: Option<bool>,
    /// Rows of a page; absent with `paginate=false`.
    limit: Option<usize>,
    page: usize,
}

/// One page of rows, and where it stands among them.
#[derive(Debug)]
struct Page {
    rows: Vec<Value>,
    total: usize,
    number: usize,
    last: usize,
}

type Wrong = Vec<(&'static str, &'static str)>;

pub(super) async fn v2(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
    asked: HeaderMap,
) -> Response {
    let headers = match realtime(&app, &id, JobKind::Statement, &asked) {
        Ok(headers) => headers,
        Err(refusal) => return refused(&app, &refusal),
    };
    let body = app.read(|world| {
        let account = world.account(&id)?;
        let selection = parameters.understood(world.settings.page_size)?;
        if account.is_processing() && world.settings.dialect.null_while_processing {
            return Ok(enqueued(world.now()));
        }
        // Without `/accounts/` and without the filters, exactly as Mono prints it.
        let base = format!("https://api.withmono.com/v2/{id}/transactions");
        let page = select(world, account, &selection, row_v2);
        Ok(body_v2(world, page, &base))
    });
    (headers, answer(&app, body)).into_response()
}

pub(super) async fn v1(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Response {
    let body = app.read(|world| {
        let account = world.account(&id)?;
        let selection = parameters.understood(world.settings.page_size)?;
        let base = format!("https://api.withmono.com/accounts/{id}/transactions");
        let page = select(world, account, &selection, row_v1);
        Ok(json!({ "paging": page.paging(&base), "data": page.rows }))
    });
    answer(&app, body)
}

fn answer(app: &App, body: Result<Value, Refusal>) -> Response {
    match body {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refused(app, &refusal),
    }
}

fn body_v2(world: &World, page: Page, base: &str) -> Value {
    let message = "Transaction retrieved successfully";
    let paging = page.paging(base);
    if world.settings.dialect.paging_in_data {
        let data = json!({ "paging": paging, "transactions": page.rows });
        return enveloped(world.now(), message, data);
    }
    let mut body = enveloped(world.now(), message, Value::Array(page.rows));
    body["meta"] = paging;
    body
}

impl Parameters {
    fn understood(self, page_size: usize) -> Result<Selection, Refusal> {
        let mut wrong = Wrong::new();
        let start = date(self.start.as_deref(), "start", &mut wrong);
        let end = date(self.end.as_deref(), "end", &mut wrong);
        let credit = match self.kind.as_deref() {
            None | Some("") => None,
            Some("credit") => Some(true),
            Some("debit") => Some(false),
            Some(_) => {
                wrong.push(("type", "type must be one of debit, credit"));
                None
            }
        };
        let limit = positive(self.limit.as_deref(), "limit", page_size, &mut wrong);
        let page = positive(self.page.as_deref(), "page", 1, &mut wrong);
        let paginated = self.paginate.as_deref() != Some("false");
        if !wrong.is_empty() {
            return Err(Refusal::InvalidFields(wrong));
        }
        let narration = self
            .narration
            .filter(|text| !text.is_empty())
            .map(|t| t.to_lowercase());
        let limit = paginated.then_some(limit);
        let page = if paginated { page } else { 1 };
        Ok(Selection {
            start,
            end,
            narration,
            credit,
            limit,
            page,
        })
    }
}

impl Page {
    fn paging(&self, base: &str) -> Value {
        let link = |page: usize| format!("{base}?page={page}");
        let previous = (self.number > 1).then(|| link(self.number - 1));
        let next = (self.number < self.last).then(|| link(self.number + 1));
        json!({ "total": self.total, "page": self.number, "previous": previous, "next": next })
    }
}

/// The newest first.
fn select(
    world: &World,
    account: &LinkedAccount,
    selection: &Selection,
    row: fn(&World, &LinkedAccount, usize) -> Value,
) -> Page {
    let entries = world.entries(account);
    let chosen: Vec<usize> = (0..entries.len())
        .rev()
        .filter(|&index| {
            let entry = &entries[index];
            let day = date_of(entry.at);
            selection.start.is_none_or(|start| day >= start)
                && selection.end.is_none_or(|end| day <= end)
                && selection.credit.is_none_or(|credit| entry.credit == credit)
                && selection
                    .narration
                    .as_ref()
                    .is_none_or(|text| entry.narration.to_lowercase().contains(text))
        })
        .collect();
    let total = chosen.len();
    let limit = selection.limit.unwrap_or(total).max(1);
    let from = (selection.page - 1).saturating_mul(limit);
    let rows = chosen
        .iter()
        .skip(from)
        .take(limit)
        .map(|&i| row(world, account, i))
        .collect();
    Page {
        rows,
        total,
        number: selection.page,
        last: total.div_ceil(limit),
    }
}

fn row_v2(world: &World, account: &LinkedAccount, index: usize) -> Value {
    let entry = &world.entries(account)[index];
    json!({
        "id": row_id(world, account, index),
        "narration": entry.narration,
        "amount": entry.amount,
        "type": if entry.credit { "credit" } else { "debit" },
        "balance": entry.balance,
        "date": iso(entry.at),
        "category": entry.category,
    })
}

fn row_v1(world: &World, account: &LinkedAccount, index: usize) -> Value {
    let entry = &world.entries(account)[index];
    json!({
        "_id": row_id(world, account, index),
        "type": if entry.credit { "credit" } else { "debit" },
        "amount": entry.amount,
        "narration": entry.narration,
        "date": iso(entry.at),
        "balance": entry.balance,
        "currency": world.bank_account(account).currency,
        "category": entry.category,
    })
}

/// The same row has the same id at every read, and another one under another link.
pub(super) fn row_id(world: &World, account: &LinkedAccount, index: usize) -> String {
    let mut rng = dice(
        world.identity.seed,
        &["row", &account.id, &index.to_string()],
    );
    object_id(&mut rng)
}

fn date(text: Option<&str>, field: &'static str, wrong: &mut Wrong) -> Option<Date> {
    let text = text.filter(|text| !text.is_empty())?;
    let parsed = Date::strptime("%d-%m-%Y", text).ok();
    if parsed.is_none() {
        wrong.push((field, "must be a date in the format DD-MM-YYYY"));
    }
    parsed
}

fn positive(text: Option<&str>, field: &'static str, default: usize, wrong: &mut Wrong) -> usize {
    match text.map(str::parse::<usize>) {
        None => default,
        Some(Ok(number)) if number > 0 => number,
        Some(_) => {
            wrong.push((field, "must be a positive number"));
            default
        }
    }
}
