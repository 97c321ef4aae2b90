//! What the tests share: a simulator with a still clock, and a caller with the right key.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mono_simulator::{LinkAs, Options, Simulator};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::sync::Notify;

/// A simulator and a client of its API.
pub(crate) struct Mono {
    pub(crate) sim: Simulator,
    http: reqwest::Client,
}

/// A status and a body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Mono {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::manual()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let sim = Simulator::start(options).await.unwrap();
        Self {
            sim,
            http: client(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.sim.base_url());
        self.http
            .request(method, url)
            .header("mono-sec-key", self.sim.secret_key())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// Links the default account and lets its data arrive.
    pub(crate) async fn linked(&self) -> String {
        let linked = self.sim.link(LinkAs::default()).await.unwrap();
        self.sim.advance(Duration::from_secs(3)).await;
        linked.account_id
    }
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        Self {
            status,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tests call the simulator from outside"
)]
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.no_proxy().tls_certs_only([]).build().unwrap()
}

/// The names of an object's members, sorted.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

/// Where webhooks arrive in these tests.
pub(crate) struct Receiver {
    pub(crate) url: String,
    inbox: Arc<Mutex<Inbox>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Inbox {
    received: Vec<Received>,
    answers: VecDeque<StatusCode>,
    arrived: Arc<Notify>,
}

/// One webhook that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) secret: String,
    pub(crate) body: Value,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = axum::Router::new()
            .route("/hook", axum::routing::post(receive))
            .with_state(Arc::clone(&inbox));
        let task = tokio::spawn(async move { axum_serve(listener, router).await });
        Self { url, inbox, task }
    }

    /// The next webhooks are answered so; all others with 200.
    pub(crate) fn answer(&self, answers: &[u16]) {
        let answers = answers
            .iter()
            .map(|status| StatusCode::from_u16(*status).unwrap());
        self.inbox.lock().unwrap().answers.extend(answers);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inbox.lock().unwrap().received.clone()
    }

    /// Waits until this many have arrived.
    pub(crate) async fn until(&self, count: usize) {
        let arrived = Arc::clone(&self.inbox.lock().unwrap().arrived);
        while self.received().len() < count {
            tokio::time::timeout(Duration::from_secs(10), arrived.notified())
                .await
                .unwrap();
        }
    }

    /// The names of what arrived, without their prefix.
    pub(crate) fn names(&self) -> Vec<String> {
        let received = self.received();
        let names = received.iter().map(|r| r.body["event"].as_str().unwrap());
        names
            .map(|name| name.rsplit('.').next().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(
    State(inbox): State<Arc<Mutex<Inbox>>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> StatusCode {
    let secret = headers["mono-webhook-secret"].to_str().unwrap().to_owned();
    let mut inbox = inbox.lock().unwrap();
    inbox.received.push(Received { secret, body });
    inbox.arrived.notify_one();
    inbox.answers.pop_front().unwrap_or(StatusCode::OK)
}

async fn axum_serve(listener: tokio::net::TcpListener, router: axum::Router) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = hyper_util::service::TowerToHyperService::new(router.clone());
        let stream = hyper_util::rt::TokioIo::new(stream);
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(stream, service);
        tokio::spawn(async move {
            let _ = connection.await;
        });
    }
}
