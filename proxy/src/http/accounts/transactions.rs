//! `GET /api/accounts/{id}/transactions`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use mono_client::Direction;
use mono_connect_shared::transaction::Transactions;

use super::path::Target;
use crate::accounts::TransactionsRequest;
use crate::http::error::ApiError;
use crate::http::query::{Query, whole};
use crate::http::state::AppState;

/// A page larger than this would be larger than most answers we accept from Mono.
const MAXIMUM_LIMIT: u32 = 1000;

/// One page of the account's transactions, newest first.
#[utoipa::path(
    get,
    path = "/accounts/{id}/transactions",
    operation_id = "transactions",
    tag = "Data",
    params(
        ("start" = Option<String>, Query, format = Date, description = "Not before this day."),
        ("end" = Option<String>, Query, format = Date, description = "Not after this day, and not before `start`."),
        ("type" = Option<String>, Query, pattern = "^(debit|credit)$", description = "Only money out, or only money in: `debit` or `credit`."),
        ("narration" = Option<String>, Query, min_length = 1, max_length = 200, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]+$", description = "Only with this text in the narration."),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 4_294_967_295_u32, description = "Which page; the first is 1."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many on a page."),
        ("realtime" = Option<bool>, Query, description = "Ask the bank now, if the budget of one in five minutes allows it."),
    ),
    responses(
        (status = 200, description = "The page, and how old it is.", body = Transactions),
    ),
    extensions(("x-problems" = json!(["data_not_ready", "reauthorisation_required", "not_supported", "upstream"]))),
)]
pub(in crate::http) async fn transactions(
    State(state): State<AppState>,
    target: Target,
    mut query: Query,
) -> Result<Json<Transactions>, ApiError> {
    let request = TransactionsRequest {
        start: query.take("start", date),
        end: query.take("end", date),
        kind: query.take("type", |text| match text {
            "debit" => Ok(Direction::Debit),
            "credit" => Ok(Direction::Credit),
            _ => Err("must be debit or credit".to_owned()),
        }),
        narration: query.take("narration", narration),
        page: query.take("page", |text| whole(text, u32::MAX)),
        limit: query.take("limit", |text| whole(text, MAXIMUM_LIMIT)),
    };
    let realtime = query.take_flag("realtime");
    query.finish()?;
    if let (Some(start), Some(end)) = (request.start, request.end)
        && end < start
    {
        let wrong = ApiError::invalid_field("end", "must not be before start");
        return Err(wrong.with_status(StatusCode::BAD_REQUEST));
    }
    let transactions = state
        .accounts
        .transactions(&target.user, &target.account, request, realtime)
        .await?;
    Ok(Json(transactions))
}

/// `YYYY-MM-DD` and nothing else: jiff would take a time with it and drop it.
fn date(text: &str) -> Result<Date, String> {
    let wrong = || "must be a day, YYYY-MM-DD".to_owned();
    if text.len() != "YYYY-MM-DD".len() {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

fn narration(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
        return Err("must be 1 to 200 characters".to_owned());
    }
    Ok(text.to_owned())
}
