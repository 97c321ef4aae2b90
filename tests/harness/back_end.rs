//! The site's own back end: takes events, or refuses them as a test says.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// One call that came.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// As it came.
    pub headers: HeaderMap,
    /// As it came.
    pub body: String,
    /// What it was answered with.
    pub status: u16,
}

impl Delivery {
    /// What the body says.
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What happened.
    pub fn kind(&self) -> String {
        self.event()["type"].as_str().unwrap().to_owned()
    }

    /// A header that must be there.
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A server that stands for the site's back end.
pub struct BackEnd {
    /// Where it takes events.
    pub url: String,
    inner: Arc<Mutex<Inner>>,
    _stop: DropGuard,
}

#[derive(Default)]
struct Inner {
    deliveries: Vec<Delivery>,
    refusals: Vec<u16>,
    refuses: Option<u16>,
}

impl BackEnd {
    /// The secret that it knows.
    pub const SECRET: &'static str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// Starts one that takes everything.
    pub async fn start() -> Self {
        let inner = Arc::new(Mutex::new(Inner::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let app = Router::new().fallback(take).with_state(Arc::clone(&inner));
        let stop = CancellationToken::new();
        let until = stop.clone().cancelled_owned();
        tokio::spawn(async move {
            let serving = axum::serve(listener, app).with_graceful_shutdown(until);
            serving.await.unwrap();
        });
        Self {
            url,
            inner,
            _stop: stop.drop_guard(),
        }
    }

    /// Answers the next calls with these statuses, before it takes anything again.
    pub fn refuses_next(&self, statuses: &[u16]) {
        lock(&self.inner).refusals = statuses.iter().rev().copied().collect();
    }

    /// Answers every call with this status, or takes everything again.
    pub fn refuses(&self, status: Option<u16>) {
        lock(&self.inner).refuses = status;
    }

    /// Everything that came, refused or not, in order.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.inner).deliveries.clone()
    }

    /// What came since this was asked last.
    pub fn news(&self) -> Vec<Delivery> {
        std::mem::take(&mut lock(&self.inner).deliveries)
    }

    /// What happened since this was asked last.
    pub fn kinds(&self) -> Vec<String> {
        self.news().iter().map(Delivery::kind).collect()
    }
}

async fn take(
    State(inner): State<Arc<Mutex<Inner>>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let mut inner = lock(&inner);
    let refusal = inner.refusals.pop().or(inner.refuses);
    let status = refusal.map_or(StatusCode::NO_CONTENT, |status| {
        StatusCode::from_u16(status).unwrap()
    });
    inner.deliveries.push(Delivery {
        headers,
        body,
        status: status.as_u16(),
    });
    // How long it wants to be left alone, and where it sends whoever follows.
    match status {
        StatusCode::SERVICE_UNAVAILABLE => (status, [("retry-after", "120")]).into_response(),
        StatusCode::FOUND => (status, [("location", "/elsewhere")]).into_response(),
        status => status.into_response(),
    }
}

fn lock(inner: &Mutex<Inner>) -> std::sync::MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}
