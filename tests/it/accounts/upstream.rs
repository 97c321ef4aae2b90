//! Whatever Mono does, the caller gets a code and a sentence, and nothing of Mono's own words.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::poll;
use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::{Fault, FaultKind, HandmadeWebhook};
use serde_json::json;

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
        (
            FaultKind::Status {
                code: 200,
                body: Some("balance=1".to_owned()),
                content_type: Some("text/plain".to_owned()),
                retry_after: None,
            },
            502,
            "upstream_error",
        ),
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
    // Short only where it is to be waited for.
    let (slow, others): (Vec<_>, Vec<_>) = cases.iter().partition(|case| case.1 == 504);
    for (timeout, cases) in [("300ms", slow), ("30s", others)] {
        each_has_its_code(timeout, &cases).await;
    }
}

async fn each_has_its_code(timeout: &str, cases: &[&(FaultKind, u16, &str)]) {
    let app = TestApp::builder()
        .set("UPSTREAM_TIMEOUT", timeout)
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for path in ["balance", "transactions", "identity", "assets", "earnings"] {
        for (kind, status, code) in cases {
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
    assert_metric(
        &mut visitor,
        r#"mono_connect_upstream_retries_total{resource="balance"} 1"#,
    )
    .await;
}

async fn assert_metric(visitor: &mut Visitor<'_>, line: &str) {
    let metrics = visitor.get("/metrics").send_to_admin().await.body;
    assert!(metrics.lines().any(|l| l == line), "{line} in {metrics}");
}

/// The clock by which Mono is left alone runs ahead.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
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
async fn an_account_for_which_mono_keeps_failing_is_left_alone_for_a_while() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let well = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/balance");
    let monos = format!("/v2/accounts/{id}/balance");
    let failing = [status(500), FaultKind::Reset, FaultKind::Html { code: 502 }];
    for kind in failing.iter().cycle().take(5) {
        app.simulator
            .fault(Fault::next(kind.clone()).on(&monos).times(0));
        let answer = visitor.get(&path).send().await;
        answer.assert_problem(502, "upstream_error");
        app.simulator.clear_faults();
    }
    app.simulator.clear_requests();
    let problem = visitor.get(&path).send().await;
    let problem = problem.assert_problem(503, "upstream_unavailable");
    assert_eq!(problem["retry_after"], 1);
    assert_eq!(app.all_calls(), 0);
    // Another account is well, and so is another of Mono's services.
    for other in [
        format!("/api/accounts/{well}/balance"),
        format!("/api/accounts/{id}/transactions"),
    ] {
        visitor.get(&other).send().await.assert_status(200);
    }
    pass(Duration::from_secs(1)).await;
    visitor.get(&path).send().await.assert_status(200);
}

#[tokio::test]
async fn a_service_that_fails_for_several_accounts_is_left_alone_for_a_while() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let mut paths = Vec::new();
    for _ in 0..4 {
        let id = visitor.links_and_waits().await;
        paths.push(format!("/api/accounts/{id}/balance"));
    }
    let failing = Fault::next(status(500)).on("/v2/accounts/*/balance");
    app.simulator.fault(failing.times(0));
    for path in paths[..3].iter().cycle().take(10) {
        let answer = visitor.get(path).send().await;
        answer.assert_problem(502, "upstream_error");
    }
    app.simulator.clear_faults();
    app.simulator.clear_requests();
    let problem = visitor.get(&paths[3]).send().await;
    let problem = problem.assert_problem(503, "upstream_unavailable");
    assert_eq!(problem["retry_after"], 1);
    assert_eq!(app.all_calls(), 0);
    let circuit = r#"mono_connect_upstream_circuit_state{resource="balance"}"#;
    assert_metric(&mut visitor, &format!("{circuit} 2")).await;
    pass(Duration::from_secs(1)).await;
    visitor.get(&paths[3]).send().await.assert_status(200);
    assert_metric(&mut visitor, &format!("{circuit} 0")).await;
}

#[tokio::test]
async fn mono_is_not_asked_again_before_it_said_so() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let other = visitor.links_and_waits().await;
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
    // It said so of this account.
    let others = format!("/api/accounts/{other}/balance");
    visitor.get(&others).send().await.assert_status(200);
    pass(Duration::from_secs(7)).await;
    visitor.get(&path).send().await.assert_status(200);
}

#[tokio::test]
async fn a_mono_that_wants_no_long_pause_is_asked_again_at_once() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let limited = FaultKind::Status {
        code: 429,
        body: None,
        content_type: None,
        retry_after: Some("0".to_owned()),
    };
    app.simulator.clear_requests();
    app.simulator
        .fault(Fault::next(limited).on("/v2/accounts/*/balance"));
    let path = format!("/api/accounts/{id}/balance");
    visitor.get(&path).send().await.assert_status(200);
    assert_eq!(app.calls("GET", "/v2/accounts/*/balance"), 2);
}

#[tokio::test]
async fn one_of_monos_services_that_hangs_leaves_the_others_quick() {
    let app = TestApp::builder()
        .set("UPSTREAM_CONCURRENCY", "8")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let transactions = "/v2/accounts/*/transactions";
    app.simulator
        .fault(Fault::next(FaultKind::Hang).on(transactions).times(0));
    app.simulator.clear_requests();
    let mut hanging = Box::pin(join_all((1..=20).map(|page| {
        let path = format!("/api/accounts/{id}/transactions?page={page}");
        let mut window = visitor.same();
        async move { window.get(&path).send().await }
    })));
    while app.calls("GET", transactions) < 6 {
        assert!(poll!(hanging.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    let others = join_all(["balance", "credits", "debits"].map(|what| {
        let path = format!("/api/accounts/{id}/{what}");
        let mut window = visitor.same();
        async move { window.get(&path).send().await.assert_status(200) }
    }));
    tokio::select! {
        others = others => assert_eq!(others.len(), 3),
        _ = hanging.as_mut() => panic!("nothing hangs"),
    }
    assert_eq!(app.calls("GET", transactions), 6);
}

#[tokio::test]
async fn events_that_wait_for_mono_leave_places_to_pages() {
    let app = TestApp::builder()
        .set("UPSTREAM_CONCURRENCY", "4")
        .webhooks()
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(visitor.links_and_waits().await);
    }
    app.work().await;
    let details = "/v2/accounts/*";
    app.simulator
        .fault(Fault::next(FaultKind::Hang).on(details).times(0));
    app.simulator.clear_requests();
    app.advance(Duration::from_secs(1)).await;
    for id in &ids {
        let payload = json!({
            "event": "mono.events.account_updated",
            "data": {"account": {"_id": id}, "meta": {"data_status": "AVAILABLE"}},
        });
        let webhook = HandmadeWebhook {
            payload,
            secret: None,
            retry: false,
        };
        app.simulator.send_webhook(webhook).await;
    }
    let mut confirming = Box::pin(app.work());
    while app.calls("GET", details) == 0 {
        assert!(poll!(confirming.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    // Pages have the three other places, at the same time.
    let reads = join_all(["balance", "transactions", "credits"].map(|what| {
        let path = format!("/api/accounts/{}/{what}", ids[0]);
        let mut window = visitor.same();
        async move { window.get(&path).send().await.assert_status(200) }
    }));
    tokio::select! {
        reads = reads => assert_eq!(reads.len(), 3),
        () = confirming.as_mut() => panic!("nothing was confirmed"),
    }
    assert_eq!(app.calls("GET", details), 1);
}
