//! What time it is at the simulated Mono: real time plus an offset, or a clock that stands still until it is moved.
//! The only place that reads the machine's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// One clock for codes, tokens, processing, refreshes and webhook retries.
#[derive(Debug, Clone)]
pub(crate) enum Clock {
    /// Runs with the machine's clock, moved forward by the offset.
    Running {
        /// Milliseconds ahead of the machine's clock; negative when started in the past.
        offset_ms: i64,
    },
    /// Stands still at this time.
    Manual(Timestamp),
}

impl Clock {
    pub(crate) fn new(manual: bool, start: Option<Timestamp>) -> Self {
        let start = to_millis(start.unwrap_or_else(machine_time));
        if manual {
            Self::Manual(start)
        } else {
            let offset_ms = start.as_millisecond() - machine_time().as_millisecond();
            Self::Running { offset_ms }
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::Running { offset_ms } => {
                let ms = machine_time().as_millisecond().saturating_add(*offset_ms);
                Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
            }
            Self::Manual(at) => *at,
        }
    }

    /// Moves forward to `at`; never backwards.
    pub(crate) fn forward_to(&mut self, at: Timestamp) {
        let ahead = at.as_millisecond() - self.now().as_millisecond();
        if ahead <= 0 {
            return;
        }
        match self {
            Self::Running { offset_ms } => *offset_ms = offset_ms.saturating_add(ahead),
            Self::Manual(now) => *now = to_millis(at),
        }
    }

    pub(crate) fn is_manual(&self) -> bool {
        matches!(self, Self::Manual(_))
    }
}

/// `at + by`, held at the end of time instead of overflowing.
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The form in which Mono prints times: `2024-07-05T12:20:59.336Z`.
pub(crate) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Reads `250ms`, `3s`, `10m`, `24h`, `2d`, or a sum such as `1h 30m`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let refuse = || format!("not a duration: {text:?} (examples: 250ms, 3s, 10m, 24h, 2d)");
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(refuse());
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .ok_or_else(refuse)?;
        let count: u64 = rest[..digits].parse().map_err(|_| refuse())?;
        let after = &rest[digits..];
        let letters = after
            .find(|c: char| !c.is_ascii_lowercase())
            .unwrap_or(after.len());
        let unit_ms: u64 = match &after[..letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(refuse()),
        };
        let part = count.checked_mul(unit_ms).ok_or_else(refuse)?;
        total = total
            .checked_add(Duration::from_millis(part))
            .ok_or_else(refuse)?;
        rest = after[letters..].trim_start();
    }
    Ok(total)
}

/// The shortest form that [`parse_duration`] reads back.
pub(crate) fn print_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0 => "0s".to_owned(),
        _ if ms.is_multiple_of(3_600_000) => format!("{}h", ms / 3_600_000),
        _ if ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        _ if ms.is_multiple_of(1_000) => format!("{}s", ms / 1_000),
        _ => format!("{ms}ms"),
    }
}

/// A duration in JSON: text as [`parse_duration`] reads it.
pub(crate) mod duration_text {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::print_duration(*value))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(from)?;
        super::parse_duration(&text).map_err(D::Error::custom)
    }
}

fn to_millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the clock is the one place that reads the time"
)]
fn machine_time() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_printed() {
        for (text, ms) in [
            ("250ms", 250),
            ("3s", 3_000),
            ("10m", 600_000),
            ("1h 30m", 5_400_000),
            ("2d", 172_800_000),
        ] {
            let read = parse_duration(text).unwrap();
            assert_eq!(read, Duration::from_millis(ms), "{text}");
            assert_eq!(parse_duration(&print_duration(read)), Ok(read));
        }
        for wrong in ["", "10", "m", "10x", "-3s", "99999999999999999999s"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_manual_clock_stands_still_and_never_goes_back() {
        let start: Timestamp = "2026-01-27T10:00:00Z".parse().unwrap();
        let mut clock = Clock::new(true, Some(start));
        assert_eq!(clock.now(), start);
        clock.forward_to(later(start, Duration::from_mins(1)));
        clock.forward_to(start);
        assert_eq!(iso(clock.now()), "2026-01-27T10:01:00.000Z");
    }
}
