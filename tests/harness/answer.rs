//! An answer, and what a test expects of it.

use axum::http::HeaderMap;
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
#[must_use]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as it came.
    pub body: String,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as JSON; null where there is none.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// Expects a status and gives the body.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.json()
    }

    /// Expects a problem with this code, well-formed, and gives it.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) -> Value {
        let problem = self.assert_status(status);
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"));
        assert!(
            problem["type"].is_string() && problem["title"].is_string(),
            "{problem}"
        );
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty())
        );
        problem
    }

    /// The fields that a problem names.
    pub fn wrong_fields(&self) -> Vec<String> {
        let problem = self.json();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Answer {
    /// Expects 200 and this word.
    #[track_caller]
    pub fn assert_ok(&self, word: &str) {
        assert_eq!((self.status, self.body.trim()), (200, word));
    }
}
