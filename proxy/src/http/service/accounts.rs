//! `GET /service/accounts` and `GET /service/accounts/{id}`: accounts and whose they are.

use axum::extract::State;
use axum::{Extension, Json};
use jiff::SignedDuration;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::service::{AccountsPage, OwnedAccount};

use super::Used;
use super::log::limit;
use crate::accounts::AccountsFilter;
use crate::http::accounts::Target;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::state::AppState;

/// Accounts on a page unless told otherwise.
const LIMIT: u32 = 100;

/// In seconds.
const CENTURY: i64 = 100 * 366 * 24 * 60 * 60;

/// Accounts of all users, by their ids.
#[utoipa::path(
    get,
    path = "/accounts",
    operation_id = "list_accounts",
    tag = "Back end",
    params(
        ("user_id" = Option<UserId>, Query, description = "Only this user's."),
        ("requires_reauth" = Option<bool>, Query, description = "Only those whose bank wants its user to log in again, or only the others."),
        ("stale_for" = Option<String>, Query, pattern = "^[0-9]{1,9}[smhd]?$", description = "Only those of which nothing new has come for so long: a number with `s`, `m`, `h` or `d`, for instance `24h`."),
        ("cursor" = Option<AccountId>, Query, description = "Where to go on."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many on a page; 100 unless told otherwise."),
    ),
    responses(
        (status = 200, description = "Some of them. `next_cursor` is null at the end.", body = AccountsPage),
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(used): Extension<Used>,
    mut query: Query,
) -> Result<Json<AccountsPage>, ApiError> {
    let filter = AccountsFilter {
        user: query.take("user_id", id),
        requires_reauth: query.take("requires_reauth", |text| {
            text.parse().map_err(|_| "must be true or false".to_owned())
        }),
        stale_for: query.take("stale_for", span),
    };
    let after = query.take("cursor", id);
    let limit = query.take("limit", limit).unwrap_or(LIMIT);
    query.finish()?;
    if let Some(user) = &filter.user {
        used.user(user);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Json(state.accounts.list_all(&filter, after, limit).await?))
}

/// One account, and whose it is.
///
/// Asks Mono while the data is still being fetched, at most once in five seconds.
#[utoipa::path(
    get,
    path = "/accounts/{id}",
    operation_id = "get_account",
    tag = "Back end",
    responses(
        (status = 200, description = "The account as it is known.", body = OwnedAccount),
    ),
    extensions(("x-problems" = json!(["upstream"]))),
)]
pub(super) async fn get(
    State(state): State<AppState>,
    target: Target,
) -> Result<Json<OwnedAccount>, ApiError> {
    let account = state.accounts.get(&target.user, &target.account).await?;
    Ok(Json(OwnedAccount {
        user_id: target.user,
        account,
    }))
}

fn id<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// `90m`, `24h`, `7d`, or seconds without a unit.
fn span(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "must be a number with s, m, h or d, for instance 24h".to_owned();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let seconds_each = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    if digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: i64 = digits.parse().map_err(|_| wrong())?;
    // No account is older, and nothing overflows.
    let seconds = (number * seconds_each).min(CENTURY);
    Ok(SignedDuration::from_secs(seconds))
}
