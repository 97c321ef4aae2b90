//! Whatever Mono does, the caller gets a code and a sentence, and nothing of Mono's own words.

use std::time::Duration;

use mono_connect_tests::TestApp;
use mono_simulator::{Fault, FaultKind};

fn status(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        body: Some(r#"{"status":"failed","message":"CANARY test_sk_simulator"}"#.to_owned()),
        content_type: None,
        retry_after: None,
    }
}

#[tokio::test]
async fn each_failure_of_monos_has_its_code() {
    let app = TestApp::builder()
        .set("UPSTREAM_TIMEOUT", "300ms")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let cases = [
        (status(400), 502, "upstream_error"),
        (status(401), 502, "upstream_error"),
        (status(402), 502, "upstream_error"),
        (status(403), 502, "upstream_error"),
        (status(404), 404, "account_not_found"),
        (status(409), 502, "upstream_error"),
        (status(418), 502, "upstream_error"),
        (status(429), 503, "upstream_unavailable"),
        (status(500), 502, "upstream_error"),
        (status(503), 502, "upstream_error"),
        (FaultKind::Html { code: 502 }, 502, "upstream_error"),
        (FaultKind::Html { code: 200 }, 502, "upstream_error"),
        (FaultKind::MalformedJson, 502, "upstream_error"),
        (FaultKind::Truncate, 502, "upstream_error"),
        (FaultKind::Reset, 502, "upstream_error"),
        (FaultKind::Huge { bytes: 16 << 20 }, 502, "upstream_error"),
        (
            FaultKind::Redirect {
                to: "http://127.0.0.1:1/".to_owned(),
            },
            502,
            "upstream_error",
        ),
        (FaultKind::Hang, 504, "upstream_timeout"),
        (
            FaultKind::SlowBody {
                chunk: 1,
                every_ms: 50,
            },
            504,
            "upstream_timeout",
        ),
    ];
    for path in ["balance", "transactions", "identity", "assets", "earnings"] {
        for (kind, status, code) in &cases {
            app.simulator.fault(Fault::next(kind.clone()).times(0));
            let answer = visitor
                .get(&format!("/api/accounts/{id}/{path}"))
                .send()
                .await;
            let seen = (
                answer.status,
                answer.json()["code"].as_str().map(str::to_owned),
            );
            assert_eq!(
                seen,
                (*status, Some((*code).to_owned())),
                "{path}: {kind:?}"
            );
            assert!(!answer.body.contains("CANARY"), "{}", answer.body);
            if *status == 503 {
                assert!(answer.header("retry-after").is_some());
            }
            app.simulator.clear_faults();
        }
        let path = format!("/api/accounts/{id}/{path}");
        visitor.get(&path).send().await.assert_status(200);
    }
}

#[tokio::test]
async fn a_read_is_tried_again_where_that_is_safe() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.clear_requests();
    app.simulator
        .fault(Fault::next(FaultKind::Reset).on("/v2/accounts/*/balance"));
    visitor
        .get(&format!("/api/accounts/{id}/balance"))
        .send()
        .await
        .assert_status(200);
    assert_eq!(app.calls("GET", "/v2/accounts/*/balance"), 2);
}

#[tokio::test]
async fn a_mono_that_cannot_be_reached_is_told() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    let gone = TestApp::builder()
        .set("MONO_API_URL", "http://127.0.0.1:1")
        .start()
        .await;
    let mut visitor = gone.visitor().await;
    let reference = visitor.starts_link().await;
    let answer = visitor.exchanges(&code, &reference).await;
    let problem = answer.assert_problem(503, "upstream_unavailable");
    assert!(problem["retry_after"].is_u64());
    // The account list does not need Mono.
    visitor.get("/api/accounts").send().await.assert_status(200);
}

#[tokio::test]
async fn a_refused_key_is_our_fault_not_the_callers() {
    let app = TestApp::builder()
        .set("MONO_SECRET_KEY", "test_sk_wrong")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;
    visitor
        .exchanges(&code, &reference)
        .await
        .assert_problem(502, "upstream_error");
}

#[tokio::test]
async fn a_mono_that_keeps_failing_is_left_alone_for_a_while() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/balance");
    let failing = Fault::next(status(500)).on("/v2/accounts/*/balance");
    app.simulator.fault(failing.times(0));
    for _ in 0..10 {
        let answer = visitor.get(&path).send().await;
        answer.assert_problem(502, "upstream_error");
    }
    app.simulator.clear_faults();
    app.simulator.clear_requests();
    let problem = visitor.get(&path).send().await;
    let problem = problem.assert_problem(503, "upstream_unavailable");
    assert_eq!(problem["retry_after"], 5);
    assert_eq!(app.all_calls(), 0);
    // Another of Mono's services is well.
    let other = format!("/api/accounts/{id}/transactions");
    visitor.get(&other).send().await.assert_status(200);
    let circuit = r#"mono_connect_upstream_circuit_state{resource="balance"}"#;
    let metrics = visitor.get("/metrics").send_to_admin().await.body;
    assert!(metrics.contains(&format!("{circuit} 2")), "{metrics}");

    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(5)).await;
    tokio::time::resume();
    visitor.get(&path).send().await.assert_status(200);
    let metrics = visitor.get("/metrics").send_to_admin().await.body;
    assert!(metrics.contains(&format!("{circuit} 0")), "{metrics}");
}

#[tokio::test]
async fn mono_is_not_asked_again_before_it_said_so() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/balance");
    let limited = FaultKind::Status {
        code: 429,
        body: None,
        content_type: None,
        retry_after: Some("7".to_owned()),
    };
    app.simulator.clear_requests();
    app.simulator
        .fault(Fault::next(limited).on("/v2/accounts/*/balance"));
    for _ in 0..3 {
        let answer = visitor.get(&path).send().await;
        let problem = answer.assert_problem(503, "upstream_unavailable");
        assert_eq!(problem["retry_after"], 7);
        assert_eq!(answer.header("retry-after"), Some("7"));
    }
    assert_eq!(app.calls("GET", "/v2/accounts/*/balance"), 1);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(7)).await;
    tokio::time::resume();
    visitor.get(&path).send().await.assert_status(200);
}
