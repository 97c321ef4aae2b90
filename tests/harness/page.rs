//! A page that watches its user's accounts: reads `text/event-stream`.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;
use serde_json::Value;

/// Longer than any test needs; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open stream.
pub struct Page {
    body: Body,
    read: String,
}

/// One event of a stream.
#[derive(Debug, Clone)]
pub struct PageEvent {
    /// What a browser sends back as `Last-Event-ID`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its data.
    pub data: Value,
}

impl PageEvent {
    /// Expects this name and gives the data.
    #[track_caller]
    pub fn named(self, name: &str) -> Value {
        assert_eq!(self.name, name, "{}", self.data);
        self.data
    }
}

impl Page {
    pub(crate) fn new(body: Body) -> Self {
        Self {
            body,
            read: String::new(),
        }
    }

    /// The next event.
    pub async fn next(&mut self) -> PageEvent {
        tokio::time::timeout(PATIENCE, self.read_event())
            .await
            .expect("an event comes")
    }

    /// The data of the next event of this name; others are passed over.
    pub async fn next_of(&mut self, name: &str) -> Value {
        self.next_where(name, |_| true).await
    }

    /// The data of the next event of this name that is as expected.
    pub async fn next_where(&mut self, name: &str, expected: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().await;
            if event.name == name && expected(&event.data) {
                return event.data;
            }
        }
    }

    /// Whether nothing is to be told, once the proxy has done all it had to do.
    pub async fn is_quiet(&mut self) -> bool {
        // The stream was woken before anything is asked here: one look is enough.
        tokio::task::yield_now().await;
        let next = self.read_event();
        tokio::pin!(next);
        futures_util::poll!(next.as_mut()).is_pending()
    }

    /// Whether the proxy ends the stream, with nothing more to tell.
    pub async fn ends(&mut self) -> bool {
        let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await;
        frame.expect("the stream ends").is_none()
    }

    async fn read_event(&mut self) -> PageEvent {
        loop {
            while let Some((block, rest)) = self.read.split_once("\n\n") {
                let event = parse(block);
                self.read = rest.to_string();
                if let Some(event) = event {
                    return event;
                }
            }
            let frame = self
                .body
                .frame()
                .await
                .expect("the stream is open")
                .unwrap();
            let data = frame.into_data().unwrap();
            self.read.push_str(std::str::from_utf8(&data).unwrap());
        }
    }
}

/// None for a comment.
fn parse(block: &str) -> Option<PageEvent> {
    let field = |name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim_start().to_owned())
    };
    let data = field("data:")?;
    Some(PageEvent {
        id: field("id:").expect("every event has an id"),
        name: field("event:").expect("every event has a name"),
        data: serde_json::from_str(&data).expect("data is JSON"),
    })
}
