//! What the tests share: a simulator with a still clock, and a caller with the right key.

use std::time::Duration;

use mono_simulator::{LinkAs, Options, Simulator};
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// A simulator and a client of its API.
pub struct Mono {
    pub sim: Simulator,
    http: reqwest::Client,
}

/// A status and a body.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Mono {
    pub async fn start() -> Self {
        Self::start_with(Options::manual()).await
    }

    pub async fn start_with(options: Options) -> Self {
        let sim = Simulator::start(options).await.unwrap();
        Self {
            sim,
            http: client(),
        }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.sim.base_url());
        self.http
            .request(method, url)
            .header("mono-sec-key", self.sim.secret_key())
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// Links the default account and lets its data arrive.
    pub async fn linked(&self) -> String {
        let linked = self.sim.link(LinkAs::default()).await.unwrap();
        self.sim.advance(Duration::from_secs(3)).await;
        linked.account_id
    }
}

impl Answer {
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
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
pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.no_proxy().build().unwrap()
}

/// The names of an object's members, sorted.
pub fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}
