//! Moments in time.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// A moment, sent as RFC 3339; without an offset, or without a time, it is taken as UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(MomentVisitor)
    }
}

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date and time as in RFC 3339")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Moment, E> {
        value
            .parse()
            .ok()
            .or_else(|| without_offset(value))
            .map(Moment)
            .ok_or_else(|| E::invalid_value(Unexpected::Other("a text"), &self))
    }
}

/// Reads a date that names no offset and no zone; one that names any, however badly, is no such
/// date, and must not be read as if it did not.
fn without_offset(value: &str) -> Option<Timestamp> {
    let time = value.get("YYYY-MM-DD".len()..)?;
    if !time
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"Tt :.,".contains(&byte))
    {
        return None;
    }
    let moment: DateTime = value.parse().ok()?;
    Offset::UTC.to_timestamp(moment).ok()
}

/// The day of a date that begins as ISO 8601; any other text as it came, since `03-04-1990` is two
/// days.
pub(crate) fn day(text: String) -> String {
    let length = "YYYY-MM-DD".len();
    let is_day = |day: &str| {
        day.parse::<Date>()
            .is_ok_and(|date| date.to_string() == day)
    };
    let is_followed_by_time = text
        .get(length..)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['T', 't', ' ']));
    match text.get(..length) {
        Some(day) if is_followed_by_time && is_day(day) => day.to_owned(),
        _ => text,
    }
}
