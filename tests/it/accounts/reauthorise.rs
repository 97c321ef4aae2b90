//! `POST /api/accounts/{id}/reauthorise`.

use std::time::Duration;

use mono_connect_tests::TestApp;
use mono_simulator::{Fault, FaultKind};

#[tokio::test]
async fn by_account_id() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/reauthorise");
    let first = visitor.post(&path).send().await.assert_status(201);
    assert_eq!(first["method"], "account_id");
    assert_eq!(first["account_id"], id);
    let second = visitor.post(&path).send().await.assert_status(201);
    assert_ne!(first["reference"], second["reference"]);
    assert_eq!(app.calls("POST", "/v2/accounts/initiate"), 0);
}

#[tokio::test]
async fn by_token_asked_for_just_in_time() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance(Duration::from_hours(5)).await;
    let path = format!("/api/accounts/{id}/reauthorise");
    let answer = visitor.post(&path).send().await.assert_status(201);
    assert_eq!(answer["method"], "token");
    assert!(answer["token"].as_str().unwrap().len() > 8);
    assert_eq!(answer["expires_at"], "2026-01-27T15:10:10Z");
    assert_eq!(app.calls("POST", &format!("/accounts/{id}/reauthorise")), 1);
    let again = visitor.post(&path).send().await.assert_status(201);
    assert_ne!(
        answer["token"], again["token"],
        "a token works once, so each attempt has its own"
    );
}

#[tokio::test]
async fn by_hosted_link() {
    let app = TestApp::builder()
        .set("MONO_REAUTH", "hosted_link")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/reauthorise");
    let answer = visitor.post(&path).send().await.assert_status(201);
    assert_eq!(answer["method"], "hosted_link");
    assert!(answer["url"].as_str().unwrap().starts_with("http"));
    assert_eq!(app.calls("POST", "/v2/accounts/initiate"), 1);
}

#[tokio::test]
async fn v1_has_no_hosted_link() {
    let app = TestApp::builder()
        .generation("v1")
        .set("MONO_REAUTH", "hosted_link")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/reauthorise");
    visitor
        .post(&path)
        .send()
        .await
        .assert_problem(501, "not_supported");
}

#[tokio::test]
async fn an_account_that_is_unknown_at_mono_is_not_found() {
    for (method, monos) in [
        ("token", "/accounts/*/reauthorise"),
        ("hosted_link", "/v2/accounts/initiate"),
    ] {
        let app = TestApp::builder().set("MONO_REAUTH", method).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let unknown = FaultKind::Status {
            code: 404,
            body: Some(r#"{"message":"This account does not exist."}"#.to_owned()),
            content_type: None,
            retry_after: None,
        };
        app.simulator.fault(Fault::next(unknown).on(monos));
        let path = format!("/api/accounts/{id}/reauthorise");
        let answer = visitor.post(&path).send().await;
        answer.assert_problem(404, "account_not_found");
        visitor.post(&path).send().await.assert_status(201);
    }
}
