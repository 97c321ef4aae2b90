//! What this process exports to a collector of traces, as bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use mono_connect_proxy::config::{Config, Source};
use mono_connect_proxy::telemetry::Traces;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

/// Everything that is exported, whichever test it comes from.
pub(crate) static EXPORTED: LazyLock<Exported> = LazyLock::new(Exported::start);

/// What a test's proxy is told, so that its requests are traced.
pub(crate) const SETTING: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// A collector and the way to it, apart from the tests: each of them has a runtime of its own.
pub(crate) struct Exported {
    pub(crate) url: String,
    traces: Traces,
    bodies: Arc<Mutex<Vec<u8>>>,
    _runtime: Runtime,
}

impl Exported {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let bodies = Arc::<Mutex<Vec<u8>>>::default();
        let kept = Arc::clone(&bodies);
        let take = async move |body: Bytes| kept.lock().unwrap().extend_from_slice(&body);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let entered = runtime.enter();
        let listener = TcpListener::from_std(listener).unwrap();
        let router = Router::new().route("/v1/traces", post(take));
        runtime.spawn(async move { axum::serve(listener, router).await });
        let traces = Traces::new(&config(&url).traces.unwrap()).unwrap();
        drop(entered);
        Self {
            url,
            traces,
            bodies,
            _runtime: runtime,
        }
    }

    pub(crate) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        self.traces.layer()
    }

    /// Fails if this was exported by now.
    #[track_caller]
    pub(crate) fn assert_without(&self, canary: &str) {
        assert!(self.traces.flush(), "everything is exported");
        let bodies = self.bodies.lock().unwrap();
        let bodies = String::from_utf8_lossy(&bodies);
        assert!(!bodies.contains(canary), "{canary} was exported");
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        let bodies = self.bodies.lock().unwrap();
        String::from_utf8_lossy(&bodies).contains(text)
    }
}

fn config(url: &str) -> Config {
    let environment = |name: &str| {
        let value = match name {
            "MONO_SECRET_KEY" => "test_sk_nobody",
            "MONO_PUBLIC_KEY" => "test_pk_nobody",
            "MONO_WEBHOOK_SECRET" => "nobody",
            "SESSION_KEY" => return Some("5e".repeat(32).into()),
            SETTING => url,
            _ => return None,
        };
        Some(value.into())
    };
    Config::read(Source::new(BTreeMap::new(), &environment)).unwrap()
}
