//! Each kind of fault, as a client meets it.

use std::time::{Duration, Instant};

use mono_simulator::{Fault, FaultKind, LinkAs};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Mono;

async fn mono_with(kind: FaultKind) -> (Mono, String) {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    mono.sim.fault(Fault::next(kind));
    (mono, format!("/v2/accounts/{id}"))
}

/// The call after the fault is answered truly.
async fn assert_healed(mono: &Mono, path: &str) {
    let answer = mono.get(path).await;
    assert_eq!(answer.body["status"], "successful");
    assert_eq!(mono.sim.requests().last().unwrap().fault, None);
}

#[tokio::test]
async fn a_status_with_its_headers() {
    let kind = FaultKind::Status {
        code: 429,
        body: None,
        content_type: None,
        retry_after: Some("7".to_owned()),
    };
    let (mono, path) = mono_with(kind).await;
    let response = mono.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "7");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], "failed");
    assert_eq!(mono.sim.requests().last().unwrap().fault, Some("status"));
    assert_healed(&mono, &path).await;
}

#[tokio::test]
async fn a_delay_comes_before_the_true_answer() {
    let (mono, path) = mono_with(FaultKind::Delay { ms: 80 }).await;
    let started = Instant::now();
    assert_eq!(mono.get(&path).await.body["status"], "successful");
    assert!(started.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_hanging_call_never_answers() {
    let (mono, path) = mono_with(FaultKind::Hang).await;
    let call = mono
        .request(Method::GET, &path)
        .timeout(Duration::from_millis(100))
        .send();
    assert!(call.await.unwrap_err().is_timeout());
    assert_eq!(mono.sim.requests().last().unwrap().status, None);
    assert_healed(&mono, &path).await;
}

#[tokio::test]
async fn a_reset_breaks_the_connection() {
    let (mono, path) = mono_with(FaultKind::Reset).await;
    // A connection of its own: the client would repeat the call on one that it had pooled.
    let call = crate::harness::client()
        .get(format!("{}{path}", mono.sim.base_url()))
        .header("mono-sec-key", mono.sim.secret_key());
    let error = format!("{:?}", call.send().await.unwrap_err());
    assert!(error.contains("ConnectionReset"), "{error}");
    assert_healed(&mono, &path).await;
}

#[tokio::test]
async fn a_truncated_body_ends_early() {
    let (mono, path) = mono_with(FaultKind::Truncate).await;
    let mut response = mono.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let promised = response.content_length().unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    assert_eq!(first.len() as u64, promised / 2);
    assert!(response.chunk().await.is_err());
    assert_healed(&mono, &path).await;
}

#[tokio::test]
async fn html_instead_of_json() {
    let (mono, path) = mono_with(FaultKind::Html { code: 502 }).await;
    let response = mono.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["content-type"], "text/html");
    assert!(response.text().await.unwrap().starts_with("<html>"));
}

#[tokio::test]
async fn malformed_json_with_a_good_status() {
    let (mono, path) = mono_with(FaultKind::MalformedJson).await;
    let response = mono.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(response.json::<Value>().await.unwrap_err().is_decode());
}

#[tokio::test]
async fn a_huge_body_is_valid_json_of_the_ordered_length() {
    let (mono, path) = mono_with(FaultKind::Huge { bytes: 300_000 }).await;
    let body = mono
        .request(Method::GET, &path)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(body.len(), 300_000);
    serde_json::from_slice::<Value>(&body).unwrap();
}

#[tokio::test]
async fn a_slow_body_comes_in_pieces() {
    let (mono, path) = mono_with(FaultKind::SlowBody {
        chunk: 100,
        every_ms: 5,
    })
    .await;
    let started = Instant::now();
    let answer = mono.get(&path).await;
    assert_eq!(answer.body["status"], "successful");
    assert!(started.elapsed() >= Duration::from_millis(15));
}

#[tokio::test]
async fn a_redirect_leads_elsewhere() {
    let (mono, path) = mono_with(FaultKind::Redirect {
        to: "http://127.0.0.1:9/".to_owned(),
    })
    .await;
    let response = mono.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "http://127.0.0.1:9/");
}

#[tokio::test]
async fn null_data_with_a_good_status() {
    let (mono, path) = mono_with(FaultKind::NullData).await;
    let answer = mono.get(&path).await;
    assert_eq!(answer.body["status"], "successful");
    assert_eq!(answer.body["data"], Value::Null);
}

#[tokio::test]
async fn a_fault_after_the_call_loses_only_the_answer() {
    let mono = Mono::start().await;
    let linked = mono.sim.link(LinkAs::default()).await.unwrap();
    let lost = FaultKind::Status {
        code: 504,
        body: None,
        content_type: None,
        retry_after: None,
    };
    mono.sim
        .fault(Fault::next(lost).on("/v2/accounts/auth").after());
    let body = json!({ "code": linked.code });
    assert_eq!(
        mono.post("/v2/accounts/auth", body.clone()).await.status,
        504
    );
    let again = mono.post("/v2/accounts/auth", body).await;
    assert_eq!(again.status, 400, "the code was used");
}

#[tokio::test]
async fn faults_are_ordered_over_http_for_a_path_and_a_number_of_calls() {
    let mono = Mono::start().await;
    let id = mono.linked().await;
    let order = json!([
        { "method": "GET", "path_pattern": "/v2/accounts/*/balance", "times": 2, "kind": "status", "code": 503 },
        { "path_pattern": "/accounts/**", "times": 0, "kind": "delay_ms", "ms": 1 },
    ]);
    let ordered = mono.post("/_sim/faults", order).await;
    assert_eq!(ordered.body["faults"].as_array().unwrap().len(), 2);
    let balance = format!("/v2/accounts/{id}/balance");
    let mut statuses = Vec::new();
    for path in [&format!("/v2/accounts/{id}"), &balance, &balance, &balance] {
        statuses.push(mono.get(path).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    for _ in 0..3 {
        mono.get(&format!("/accounts/{id}")).await;
        assert_eq!(mono.sim.requests().last().unwrap().fault, Some("delay"));
    }
    mono.delete("/_sim/faults").await;
    assert!(mono.sim.faults().is_empty());
    let wrong = mono
        .post("/_sim/faults", json!({ "kind": "earthquake" }))
        .await;
    assert_eq!(wrong.status, 400);
}
