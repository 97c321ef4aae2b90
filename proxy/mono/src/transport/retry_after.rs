//! Reads `Retry-After`: seconds or an HTTP date, and nothing beyond an hour.
//!
//! Mono documents no such header; what cannot be read is as if it were not there.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::clock;

const LONGEST: Duration = Duration::from_hours(1);

static DATES: DateTimeParser = DateTimeParser::new();

/// How long the answer asks to wait, when it says so readably.
pub(super) fn parse(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only digits: what does not fit is merely very long.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let until = date(value)?;
    // The server's own clock, where it tells it, makes a skew between the two harmless.
    let now = headers
        .get(DATE)
        .and_then(|value| date(value.to_str().ok()?));
    let pause = until.duration_since(now.unwrap_or_else(clock::now));
    Some(
        Duration::try_from(pause)
            .unwrap_or(Duration::ZERO)
            .min(LONGEST),
    )
}

fn date(value: &str) -> Option<Timestamp> {
    DATES.parse_timestamp(value).ok()
}
