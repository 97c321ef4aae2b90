//! Logs that forget their oldest entry when they are full.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// A queue of limited length.
#[derive(Debug)]
pub(crate) struct Bounded<T> {
    entries: VecDeque<T>,
    limit: usize,
}

impl<T> Bounded<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            limit,
        }
    }

    pub(crate) fn push(&mut self, entry: T) {
        if self.entries.len() == self.limit {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.entries.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.entries.iter_mut()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// What came in the `mono-sec-key` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyCheck {
    /// The configured secret key.
    Right,
    /// Another value.
    Wrong,
    /// No such header.
    Missing,
}

/// One call to the simulated API.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedRequest {
    /// Counts from 1, over clearing and forgetting.
    pub number: u64,
    /// When it arrived, simulator time.
    pub at: String,
    /// `GET`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Raw query, empty without one.
    pub query: String,
    /// Status of the answer; `null` while it is under way or when it never came.
    pub status: Option<u16>,
    /// Header names with their values; the secret key's value is `[redacted]`.
    pub headers: BTreeMap<String, String>,
    /// Whether the secret key was right.
    pub key: KeyCheck,
    /// The fault that was applied.
    pub fault: Option<&'static str>,
}

impl super::World {
    /// Keeps the call and returns its number.
    pub(crate) fn note_request(&mut self, mut request: LoggedRequest) -> u64 {
        self.next_request += 1;
        request.number = self.next_request;
        self.requests.push(request);
        self.next_request
    }

    pub(crate) fn note_answer(&mut self, number: u64, status: u16) {
        if let Some(request) = self.requests.iter_mut().rev().find(|r| r.number == number) {
            request.status = Some(status);
        }
    }
}
