//! The site's own back end, which takes most events and loses some.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

/// What was told of one account, in order, each once.
pub(crate) type Told = BTreeMap<String, Vec<String>>;

#[derive(Default)]
struct Inner {
    /// By id: what came, and which account it is about.
    seen: BTreeMap<String, String>,
    told: Told,
    refuses_one_in: Option<u32>,
    calls: u32,
}

/// A back end that can be told to fail.
#[derive(Clone)]
pub(crate) struct BackEnd {
    pub(crate) url: String,
    inner: Arc<Mutex<Inner>>,
}

impl BackEnd {
    pub(crate) const SECRET: &'static str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Mutex::new(Inner::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let app = Router::new().fallback(take).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, inner }
    }

    /// Fails every so many calls; never.
    pub(crate) fn refuses_one_in(&self, calls: Option<u32>) {
        self.lock().refuses_one_in = calls;
    }

    /// What it was told, by account.
    pub(crate) fn told(&self) -> Told {
        self.lock().told.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(
    State(inner): State<Arc<Mutex<Inner>>>,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    inner.calls += 1;
    let calls = inner.calls;
    if inner
        .refuses_one_in
        .is_some_and(|every| calls.is_multiple_of(every))
    {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    let event: Value = serde_json::from_str(&body).unwrap();
    let account = event["data"]["account"]["id"].as_str().unwrap().to_owned();
    let kind = event["type"].as_str().unwrap().to_owned();
    // The same event may come twice.
    if inner.seen.insert(id, account.clone()).is_none() {
        inner.told.entry(account).or_default().push(kind);
    }
    StatusCode::NO_CONTENT
}
