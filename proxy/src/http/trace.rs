//! Which trace a request belongs to, as whoever called says it (W3C Trace Context).
//!
//! It is for the log and for traces: nothing of it is passed on to Mono.

use axum::http::{HeaderMap, HeaderName};

use crate::telemetry::traces::Caller;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// `version-trace-parent-flags`; what a later version adds comes after another dash.
const LENGTHS: [usize; 4] = [2, 32, 16, 2];

/// The flag by which a caller says that it records its part.
const SAMPLED: u8 = 1;

/// The trace and its caller's part. What is malformed, or there twice, is as if it were not there.
pub(super) fn caller(headers: &HeaderMap) -> Option<Caller<'_>> {
    let mut lines = headers.get_all(TRACEPARENT).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let mut parts = line.to_str().ok()?.split('-');
    let mut known = [""; LENGTHS.len()];
    for (part, length) in known.iter_mut().zip(LENGTHS) {
        *part = parts.next().filter(|part| is_hex(part, length))?;
    }
    let [version, trace_id, span_id, flags] = known;
    let later = version != "00";
    let is_known = version != "ff" && (later || parts.next().is_none());
    let is_something = |id: &str| id.bytes().any(|byte| byte != b'0');
    let flags = u8::from_str_radix(flags, 16).ok()?;
    (is_known && is_something(trace_id) && is_something(span_id)).then_some(Caller {
        trace_id,
        span_id,
        is_sampled: flags & SAMPLED != 0,
    })
}

fn is_hex(part: &str, length: usize) -> bool {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    part.len() == length && part.bytes().all(digit)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn read(lines: &[&str]) -> Option<(String, String, bool)> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(TRACEPARENT, HeaderValue::from_str(line).unwrap());
        }
        let caller = caller(&headers)?;
        let [trace, span] = [caller.trace_id, caller.span_id].map(str::to_owned);
        Some((trace, span, caller.is_sampled))
    }

    #[test]
    fn a_trace_is_known_by_its_id() {
        for (good, is_sampled) in [
            (format!("00-{TRACE}-00f067aa0ba902b7-01"), true),
            (format!("00-{TRACE}-00f067aa0ba902b7-00"), false),
            (format!("00-{TRACE}-00f067aa0ba902b7-fe"), false),
            (format!("cc-{TRACE}-00f067aa0ba902b7-03"), true),
            (
                format!("cc-{TRACE}-00f067aa0ba902b7-01-what-comes-later"),
                true,
            ),
        ] {
            let expected = (TRACE.to_owned(), "00f067aa0ba902b7".to_owned(), is_sampled);
            assert_eq!(read(&[&good]), Some(expected), "{good}");
        }
    }

    #[test]
    fn what_is_no_trace_is_ignored() {
        let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[&good, &good]), None, "twice");
        for bad in [
            String::new(),
            "00".to_owned(),
            format!("00-{TRACE}-00f067aa0ba902b7"),
            format!("00-{TRACE}-00f067aa0ba902b7-1"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-"),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{}CANARY-00f067aa0ba902b7-01", &TRACE[6..]),
            format!("{good}, {good}"),
        ] {
            assert_eq!(read(&[&bad]), None, "{bad}");
        }
    }
}
