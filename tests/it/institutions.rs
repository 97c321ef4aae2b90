//! `GET /api/institutions`.

use std::time::Duration;

use mono_connect_tests::TestApp;
use mono_simulator::{Fault, FaultKind};
use serde_json::json;

const UPSTREAM: [(&str, &str); 2] = [("v2", "/v3/institutions"), ("v1", "/coverage")];

#[tokio::test]
async fn are_the_same_in_both_generations() {
    let mut answers = Vec::new();
    for (generation, upstream) in UPSTREAM {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let answer = visitor.get("/api/institutions").send().await;
        let answer = answer.assert_status(200);
        let banks = answer["institutions"].as_array().unwrap();
        let gtbank = banks.iter().find(|bank| bank["name"] == "GTBank").unwrap();
        assert_eq!(
            gtbank,
            &json!({"id": "5f2d08be60b92e2888287702", "name": "GTBank", "type": "PERSONAL_BANKING",
                    "icon": null, "country": "ng",
                    "auth_methods": ["internet_banking", "mobile_banking"]})
        );
        assert_eq!(answer["skipped"], 0);
        assert_eq!(app.calls("GET", upstream), 1);
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn are_asked_for_once_a_day_and_once_for_all_who_ask_at_once() {
    for (generation, upstream) in UPSTREAM {
        let app = TestApp::builder()
            .one_proxy()
            .generation(generation)
            .start()
            .await;
        let visitor = app.visitor().await;
        app.simulator
            .fault(Fault::next(FaultKind::Delay { ms: 50 }).on(upstream));
        let askers = (0..10).map(|_| async {
            let mut visitor = visitor.same();
            let answer = visitor.get("/api/institutions").send().await;
            answer.assert_status(200)
        });
        let answers = futures_util::future::join_all(askers).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        let mut other = app.visitor().await;
        app.advance(Duration::from_secs(24 * 3600 - 1)).await;
        other
            .get("/api/institutions")
            .send()
            .await
            .assert_status(200);
        assert_eq!(app.calls("GET", upstream), 1, "{generation}");
        app.advance(Duration::from_secs(1)).await;
        other
            .get("/api/institutions")
            .send()
            .await
            .assert_status(200);
        assert_eq!(app.calls("GET", upstream), 2, "{generation}");
    }
}

#[tokio::test]
async fn a_failure_is_shared_by_those_who_waited_and_kept_from_those_who_come_later() {
    let app = TestApp::builder()
        .set("UPSTREAM_TIMEOUT", "1s")
        .start()
        .await;
    let visitor = app.visitor().await;
    app.simulator
        .fault(Fault::next(FaultKind::Hang).on("/v3/institutions"));
    let askers = (0..10).map(|_| async {
        let mut visitor = visitor.same();
        let answer = visitor.get("/api/institutions").send().await;
        answer.assert_problem(504, "upstream_timeout");
    });
    futures_util::future::join_all(askers).await;
    assert_eq!(app.calls("GET", "/v3/institutions"), 1);
    let mut later = visitor.same();
    later
        .get("/api/institutions")
        .send()
        .await
        .assert_status(200);
}

#[tokio::test]
async fn are_for_callers_who_ask_for_nothing_else() {
    let app = TestApp::start().await;
    let mut nobody = app.newcomer();
    let answer = nobody.get("/api/institutions").send().await;
    answer.assert_problem(401, "unauthenticated");
    let mut visitor = app.visitor().await;
    let answer = visitor.get("/api/institutions?scope=payments").send().await;
    answer.assert_problem(400, "invalid_request");
    assert_eq!(answer.wrong_fields(), ["scope"]);
    assert_eq!(app.all_calls(), 0);
}
