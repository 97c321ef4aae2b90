//! How the process ends, and what is there afterwards.

use mono_simulator::{Fault, FaultKind, LinkAs};
use serde_json::{Value, json};

use crate::process::{Browser, Proxy, simulator, variables};

async fn json_of(request: reqwest::RequestBuilder, status: u16) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), status);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn a_killed_process_has_lost_nothing_that_it_answered() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let variables = variables(&simulator, folder.path());
    let proxy = Proxy::start(&variables).await;
    let mut browser = Browser::open(&proxy.url).await;
    let session = json_of(browser.post("/api/link-sessions", &json!({})), 201).await;
    let reference = session["reference"].as_str().unwrap().to_owned();
    let open = json_of(browser.post("/api/link-sessions", &json!({})), 201).await;
    let who = LinkAs {
        reference: Some(reference.clone()),
        ..LinkAs::default()
    };
    let code = simulator.link(who).await.unwrap().code;
    let exchange = json!({"code": code, "reference": reference});
    let account = json_of(browser.post("/api/accounts", &exchange), 201).await;
    proxy.signal("-KILL").await;
    proxy.ends().await;

    let proxy = Proxy::start(&variables).await;
    browser.at(&proxy.url);
    let list = json_of(browser.get("/api/accounts"), 200).await;
    assert_eq!(list["accounts"][0]["id"], account["id"]);
    // The same code again, and the attempt that was open.
    json_of(browser.post("/api/accounts", &exchange), 200).await;
    let reference = open["reference"].as_str().unwrap().to_owned();
    let who = LinkAs {
        reference: Some(reference.clone()),
        ..LinkAs::default()
    };
    let code = simulator.link(who).await.unwrap().code;
    let exchange = json!({"code": code, "reference": reference});
    json_of(browser.post("/api/accounts", &exchange), 201).await;
}

#[tokio::test]
async fn running_requests_end_before_the_process_does() {
    for signal in ["-TERM", "-INT"] {
        let simulator = simulator().await;
        let folder = tempfile::tempdir().unwrap();
        let mut proxy = Proxy::start(&variables(&simulator, folder.path())).await;
        let browser = Browser::open(&proxy.url).await;
        let session = json_of(browser.post("/api/link-sessions", &json!({})), 201).await;
        let reference = session["reference"].as_str().unwrap();
        let who = LinkAs {
            reference: Some(reference.to_owned()),
            ..LinkAs::default()
        };
        let code = simulator.link(who).await.unwrap().code;
        simulator.fault(Fault::next(FaultKind::Delay { ms: 700 }).on("/v2/accounts/auth"));

        let exchange = json!({"code": code, "reference": reference});
        let request = browser.post("/api/accounts", &exchange);
        let running = tokio::spawn(async move { request.send().await.unwrap().status().as_u16() });
        // Mono has the request: it is running.
        while simulator
            .requests_to("POST", "/v2/accounts/auth")
            .is_empty()
        {
            tokio::task::yield_now().await;
        }
        proxy.signal(signal).await;
        proxy.logs("\"draining\"").await;
        assert_eq!(running.await.unwrap(), 201, "{signal}");
        let (status, rest) = proxy.ends().await;
        assert_eq!(status, Some(0), "{signal}: {rest}");
        assert!(rest.contains("\"ended\""), "{rest}");
    }
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever asks for readiness and metrics is outside"
)]
async fn health_and_metrics_are_on_their_own_listener() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(&variables(&simulator, folder.path())).await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        let inside = reqwest::get(format!("{}{path}", proxy.admin_url))
            .await
            .unwrap();
        assert_eq!(inside.status().as_u16(), 200);
        let outside = reqwest::get(format!("{}{path}", proxy.url)).await.unwrap();
        assert_eq!(outside.status().as_u16(), 404);
    }
}

#[tokio::test]
async fn a_budget_holds_over_a_restart() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut variables = variables(&simulator, folder.path());
    variables.insert("MONO_API_GENERATION".to_owned(), "v1".to_owned());
    let proxy = Proxy::start(&variables).await;
    let mut browser = Browser::open(&proxy.url).await;
    let session = json_of(browser.post("/api/link-sessions", &json!({})), 201).await;
    let reference = session["reference"].as_str().unwrap().to_owned();
    let who = LinkAs {
        reference: Some(reference.clone()),
        ..LinkAs::default()
    };
    let linked = simulator.link(who).await.unwrap();
    let exchange = json!({"code": linked.code, "reference": reference});
    json_of(browser.post("/api/accounts", &exchange), 201).await;
    let path = format!("/api/accounts/{}/sync", linked.account_id);
    json_of(browser.post(&path, &json!({})), 200).await;
    proxy.signal("-KILL").await;
    proxy.ends().await;

    let proxy = Proxy::start(&variables).await;
    browser.at(&proxy.url);
    let refused = json_of(browser.post(&path, &json!({})), 429).await;
    assert!(refused["next_allowed_at"].is_string(), "{refused}");
    assert_eq!(simulator.requests_to("POST", "/accounts/*/sync").len(), 1);
}
