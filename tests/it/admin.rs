//! The listener that is not for the public.

use mono_connect_tests::TestApp;
use mono_simulator::{Fault, FaultKind, HandmadeWebhook};

#[tokio::test]
async fn health_and_readiness_are_on_the_admin_listener_only() {
    let app = TestApp::start().await;
    let mut visitor = app.newcomer();
    visitor
        .get("/healthz")
        .send_to_admin()
        .await
        .assert_ok("ok");
    visitor
        .get("/readyz")
        .send_to_admin()
        .await
        .assert_ok("ready");
    for path in ["/healthz", "/readyz", "/metrics"] {
        visitor
            .get(path)
            .send()
            .await
            .assert_problem(404, "not_found");
    }
    let admin = visitor.get("/api/config").send_to_admin().await;
    assert_eq!(admin.status, 404);
}

/// The lines of `/metrics` that begin so.
fn lines<'a>(metrics: &'a str, start: &str) -> Vec<&'a str> {
    let lines = metrics.lines().filter(|line| line.starts_with(start));
    lines.collect()
}

#[tokio::test]
async fn metrics_count_and_name_nobody() {
    let app = TestApp::builder()
        .one_proxy()
        .set("MONO_SECRET_KEY", "test_sk_simulator")
        .set("MONO_WEBHOOK_SECRET", "CANARYWEBHOOK")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let request = serde_json::json!({
        "customer": {"name": "Canary Olamide", "email": "canary@example.com"},
    });
    let session = visitor
        .post("/api/link-sessions")
        .json(&request)
        .await
        .assert_status(201);
    let reference = session["reference"].as_str().unwrap().to_owned();
    let linked = app.bank_user_links(&reference).await;
    let account = visitor.exchanges(&linked.code, &reference).await;
    let id = account.assert_status(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    app.advance(std::time::Duration::from_secs(10)).await;
    app.simulator
        .fault(Fault::next(FaultKind::Reset).on("/v2/accounts/*/balance"));
    visitor
        .get(&format!("/api/accounts/{id}/balance"))
        .send()
        .await
        .assert_status(200);
    let path = format!("/api/accounts/{id}/transactions?narration=CANARYNARRATION");
    visitor.get(&path).send().await.assert_status(200);
    let sync = visitor.post(&format!("/api/accounts/{id}/sync")).send();
    sync.await.assert_status(200);
    let odd = axum::http::Method::from_bytes(b"CANARYMETHOD").unwrap();
    for path in ["/canarypath", "/api/accounts/canaryid"] {
        let _ = visitor.call(odd.clone(), path).send().await;
    }
    let event = serde_json::json!({"event": "mono.events.canary", "data": {"id": "canary"}});
    for secret in ["wrong", "CANARYWEBHOOK", "CANARYWEBHOOK"] {
        let call = visitor.post("/webhooks/mono");
        let _ = call
            .header("mono-webhook-secret", secret)
            .json(&event)
            .await;
    }
    let page = visitor.watches(None).await;

    let answer = visitor.get("/metrics").send_to_admin().await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text; version=1.0.0")
    );
    let metrics = answer.body;
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    for line in [
        r#"mono_connect_requests_total{method="GET",route="/api/accounts/{id}/balance",status="200"} 1"#,
        r#"mono_connect_request_duration_seconds_count{method="GET",route="/api/accounts/{id}/balance"} 1"#,
        r#"mono_connect_upstream_calls_total{resource="balance",outcome="ok"} 1"#,
        r#"mono_connect_upstream_calls_total{resource="exchange",outcome="ok"} 1"#,
        r#"mono_connect_upstream_call_duration_seconds_count{resource="balance"} 1"#,
        r#"mono_connect_upstream_retries_total{resource="balance"} 1"#,
        r#"mono_connect_webhooks_total{outcome="accepted"} 2"#,
        r#"mono_connect_webhooks_total{outcome="unauthenticated"} 1"#,
        "mono_connect_event_streams 1",
        "mono_connect_inbox_events 1",
        "mono_connect_jobs_running 1",
        "mono_connect_store_up 1",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in {metrics}");
    }
    let user = visitor.cookie.clone().unwrap();
    for canary in [
        "test_sk_simulator",
        "test_pk_simulator",
        "CANARY",
        "Canary",
        "canary",
        &"5e".repeat(32),
        &linked.code,
        &id,
        &reference,
        user.split_once('=').unwrap().1,
    ] {
        let place = metrics.lines().find(|line| line.contains(canary));
        assert_eq!(place, None, "{canary} is in the metrics");
    }

    drop(page);
    app.work().await;
    let metrics = visitor.get("/metrics").send_to_admin().await.body;
    assert_eq!(
        lines(&metrics, "mono_connect_event_streams "),
        ["mono_connect_event_streams 0"]
    );
    assert_eq!(
        lines(&metrics, "mono_connect_inbox_events "),
        ["mono_connect_inbox_events 0"]
    );
}

#[tokio::test]
async fn refusals_are_counted_by_whose_budget_it_was() {
    let app = TestApp::builder()
        .one_proxy()
        .generation("v1")
        .set("RATE_LIMIT", "40")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let sync = format!("/api/accounts/{id}/sync");
    visitor.post(&sync).send().await.assert_status(200);
    visitor
        .post(&sync)
        .send()
        .await
        .assert_problem(429, "rate_limited");
    while visitor.get("/api/accounts").send().await.status == 200 {}
    let metrics = visitor.get("/metrics").send_to_admin().await.body;
    assert_eq!(
        lines(
            &metrics,
            r#"mono_connect_budgets_refused_total{budget="account"}"#
        ),
        [r#"mono_connect_budgets_refused_total{budget="account"} 1"#]
    );
    assert_eq!(
        lines(
            &metrics,
            r#"mono_connect_budgets_refused_total{budget="caller"}"#
        ),
        [r#"mono_connect_budgets_refused_total{budget="caller"} 1"#]
    );
}

#[tokio::test]
async fn what_has_not_happened_yet_is_counted_as_none() {
    let app = TestApp::start().await;
    let metrics = app.newcomer().get("/metrics").send_to_admin().await.body;
    for line in [
        r#"mono_connect_webhooks_total{outcome="not_kept"} 0"#,
        r#"mono_connect_webhooks_total{outcome="unauthenticated"} 0"#,
        r#"mono_connect_budgets_refused_total{budget="caller"} 0"#,
        "mono_connect_inbox_given_up_total 0",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn an_event_that_is_given_up_is_counted() {
    let app = TestApp::builder().one_proxy().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    let event = serde_json::json!({
        "event": "mono.events.account_updated",
        "data": {"account": {"_id": id}, "meta": {"data_status": "AVAILABLE"}},
    });
    let webhook = HandmadeWebhook {
        payload: event,
        secret: None,
        retry: false,
    };
    app.takes_webhooks().await;
    // Mono said later than the link what the account is.
    app.advance(std::time::Duration::from_secs(1)).await;
    let fails = FaultKind::Status {
        code: 500,
        body: None,
        content_type: None,
        retry_after: None,
    };
    app.simulator.fault(Fault::next(fails).times(0));
    app.simulator.send_webhook(webhook).await;
    let mut given_up = Vec::new();
    for hours in [0, 47, 2] {
        app.advance_and_work(std::time::Duration::from_hours(hours))
            .await;
        let metrics = visitor.get("/metrics").send_to_admin().await.body;
        let name = "mono_connect_inbox_given_up_total ";
        given_up.push(lines(&metrics, name).concat());
    }
    assert_eq!(
        given_up,
        [0, 0, 1].map(|count| format!("mono_connect_inbox_given_up_total {count}"))
    );
}
