//! An OpenTelemetry collector, as far as the exporter sees of one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;

const PATIENCE: Duration = Duration::from_secs(30);

/// How it answers.
#[derive(Clone)]
pub(crate) enum Manner {
    /// It takes everything.
    Takes,
    /// It never answers.
    Hangs,
    /// It sends whoever comes elsewhere.
    Redirects(String),
}

/// One call.
struct Taken {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

struct Shared {
    manner: Manner,
    taken: Mutex<Vec<Taken>>,
    came: Notify,
}

/// A collector on this machine, and everything else that is posted to it.
pub(crate) struct Collector {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Collector {
    pub(crate) async fn start(manner: Manner) -> Self {
        let shared = Arc::new(Shared {
            manner,
            taken: Mutex::default(),
            came: Notify::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    /// Waits until so many calls have come to this path.
    pub(crate) async fn has_taken(&self, path: &str, calls: usize) {
        self.comes_to(|| self.calls(path) >= calls).await;
    }

    /// Waits until a span with this name has come.
    pub(crate) async fn has_span(&self, name: &str) {
        self.comes_to(|| self.spans().iter().any(|span| span.name == name))
            .await;
    }

    async fn comes_to(&self, holds: impl Fn() -> bool) {
        let enough = async {
            loop {
                let came = self.shared.came.notified();
                if holds() {
                    return;
                }
                came.await;
            }
        };
        tokio::time::timeout(PATIENCE, enough).await.unwrap();
    }

    pub(crate) fn calls(&self, path: &str) -> usize {
        let taken = self.shared.taken.lock().unwrap();
        taken.iter().filter(|taken| taken.path == path).count()
    }

    /// All spans, in the order of their ends.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.requests()
            .into_iter()
            .flat_map(|request| request.resource_spans)
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect()
    }

    /// What is said of whoever exports.
    pub(crate) fn resource(&self) -> Vec<(String, String)> {
        let request = self.requests().remove(0);
        let resource = request.resource_spans[0].resource.clone().unwrap();
        let attributes = resource.attributes.iter();
        attributes.map(|one| (one.key.clone(), text(one))).collect()
    }

    fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        let taken = self.shared.taken.lock().unwrap();
        let traces = taken.iter().filter(|taken| taken.path == "/v1/traces");
        traces
            .map(|taken| {
                let kind = &taken.headers[header::CONTENT_TYPE];
                assert_eq!(kind, "application/x-protobuf");
                ExportTraceServiceRequest::decode(taken.body.clone()).unwrap()
            })
            .collect()
    }

    /// A header of the first call.
    pub(crate) fn header(&self, name: &str) -> String {
        let taken = self.shared.taken.lock().unwrap();
        taken[0].headers[name].to_str().unwrap().to_owned()
    }

    /// Fails if this was exported.
    #[track_caller]
    pub(crate) fn assert_without(&self, canary: &str) {
        assert!(!canary.is_empty());
        let taken = self.shared.taken.lock().unwrap();
        let traces = taken.iter().filter(|taken| taken.path == "/v1/traces");
        for taken in traces {
            let body = String::from_utf8_lossy(&taken.body);
            assert!(!body.contains(canary), "{canary} was exported");
        }
    }
}

async fn take(
    State(shared): State<Arc<Shared>>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    shared.taken.lock().unwrap().push(Taken {
        path: uri.path().to_owned(),
        headers,
        body,
    });
    shared.came.notify_waiters();
    match &shared.manner {
        Manner::Takes => StatusCode::OK.into_response(),
        Manner::Hangs => std::future::pending().await,
        Manner::Redirects(url) => {
            let location = (header::LOCATION, format!("{url}{}", uri.path()));
            (StatusCode::TEMPORARY_REDIRECT, [location]).into_response()
        }
    }
}

fn text(attribute: &KeyValue) -> String {
    let value = attribute.value.clone().and_then(|value| value.value);
    match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// What a span says, sorted: `name=value`.
pub(crate) fn said(span: &Span) -> Vec<String> {
    let attributes = span.attributes.iter();
    let mut said: Vec<_> = attributes
        .map(|attribute| format!("{}={}", attribute.key, text(attribute)))
        .collect();
    said.sort();
    said
}
