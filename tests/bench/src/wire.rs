//! As much of HTTP/1.1 as the load needs: a request as bytes, and where its answer ends.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};

/// A request that is being written.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: &str, body: &str) -> Self {
        let mut request = Self::new("POST", path);
        request.body = body.into();
        request
            .header("content-type", "application/json")
            .header("content-length", &body.len().to_string())
    }

    fn new(method: &str, path: &str) -> Self {
        Self {
            head: format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-mono-connect: 1\r\n"),
            body: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.head, "{name}: {value}\r\n");
        self
    }

    /// What is sent.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), b"\r\n", &self.body].concat()
    }
}

/// The head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// Of the head itself.
    pub(crate) length: usize,
    /// None when the body comes in pieces until it ends.
    pub(crate) body: Option<usize>,
}

impl Head {
    /// Reads it; none as long as it is not complete.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(end) = find(bytes, b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = std::str::from_utf8(&bytes[..end]).context("a head that is not text")?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status
            .context("no status")?
            .parse()
            .context("a status that is no number")?;
        let mut body = (status == 204).then_some(0);
        for line in lines {
            let Some((name, value)) = line.split_once(':') else {
                bail!("a header without a colon");
            };
            if name.eq_ignore_ascii_case("content-length") {
                body = Some(value.trim().parse().context("a length that is no number")?);
            }
        }
        Ok(Some(Self {
            status,
            length: end + 4,
            body,
        }))
    }
}

/// Where `part` begins in `bytes`.
pub(crate) fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body, where the status is this one.
    pub(crate) fn expect(self, status: u16) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        let body = String::from_utf8_lossy(&self.body);
        bail!("status {} instead of {status}: {body}", self.status)
    }

    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).context("an answer that is no JSON")
    }
}

/// What every answer to the same kind of request must be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    /// Without the fractions of seconds, which are written as far as they are not zero.
    pub(crate) length: usize,
}

impl Expected {
    /// Like this answer, which somebody has looked at.
    pub(crate) fn like(answer: &Answer) -> Self {
        Self {
            status: answer.status,
            length: steady_length(&answer.body),
        }
    }

    /// Whether the answer is right.
    pub(crate) fn check(self, status: u16, body: &[u8]) -> Result<()> {
        let length = steady_length(body);
        if status == self.status && length == self.length {
            return Ok(());
        }
        let body = String::from_utf8_lossy(&body[..body.len().min(300)]);
        bail!(
            "status {status} and {length} bytes instead of {} and {}: {body}",
            self.status,
            self.length
        )
    }
}

/// Times of ours are at the end of a long body, and anywhere in a short one.
const TAIL: usize = 1024;

fn steady_length(body: &[u8]) -> usize {
    let tail = &body[body.len().saturating_sub(TAIL)..];
    let mut fractions = 0;
    for (at, _) in tail.iter().enumerate().filter(|(_, byte)| **byte == b'.') {
        let digits = tail[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if tail.get(at + 1 + digits) == Some(&b'Z') {
            fractions += 1 + digits;
        }
    }
    body.len() - fractions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nx: y\r\n\r\nbody";
        assert_eq!(Head::parse(&bytes[..40]).unwrap(), None);
        let head = Head::parse(bytes).unwrap().unwrap();
        assert_eq!(
            (head.status, head.body, &bytes[head.length..]),
            (200, Some(12), &b"body"[..])
        );
        let streamed = Head::parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        assert_eq!(streamed.unwrap().unwrap().body, None);
        Head::parse(b"HTTP/1.1\r\n\r\n").unwrap_err();
    }

    #[test]
    fn fractions_of_seconds_do_not_count() {
        let long = steady_length(br#"{"amount":1.5,"at":"2026-01-01T00:00:00.123456789Z"}"#);
        let short = steady_length(br#"{"amount":1.5,"at":"2026-01-01T00:00:00.1Z"}"#);
        let none = steady_length(br#"{"amount":1.5,"at":"2026-01-01T00:00:00Z"}"#);
        assert_eq!((long, short), (none, none));
    }

    #[test]
    fn a_wrong_status_or_length_is_an_error() {
        let expected = Expected {
            status: 200,
            length: 2,
        };
        expected.check(200, b"{}").unwrap();
        expected.check(503, b"{}").unwrap_err();
        expected.check(200, b"{ }").unwrap_err();
    }
}
