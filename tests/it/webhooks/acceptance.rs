//! Who may tell us something, and what is kept.

use jiff::SignedDuration;
use mono_connect_tests::{Answer, TestApp, Visitor};
use serde_json::json;

const SECRET: &str = "webhook_secret_simulator";

async fn tell(visitor: &mut Visitor<'_>, secret: &str, body: &str) -> Answer {
    visitor
        .post("/webhooks/mono")
        .without("x-mono-connect")
        .without("cookie")
        .header("mono-webhook-secret", secret)
        .body("application/json", body.to_owned())
        .send()
        .await
}

async fn kept(app: &TestApp) -> usize {
    let later = jiff::Timestamp::MAX - SignedDuration::from_hours(24);
    app.store
        .claim_events(later, SignedDuration::from_secs(1), 1000)
        .await
        .unwrap()
        .len()
}

#[tokio::test]
async fn without_the_secret_nothing_is_kept() {
    let app = TestApp::start().await;
    let mut mono = app.newcomer();
    let body = json!({"event": "mono.events.webhook_test", "data": {}}).to_string();
    for secret in [
        "",
        "x",
        "webhook_secret_simulato",
        "webhook_secret_simulator2",
        "WEBHOOK_SECRET_SIMULATOR",
    ] {
        // Nonsense is not even looked at.
        for body in [body.as_str(), "nonsense", ""] {
            let answer = tell(&mut mono, secret, body).await;
            assert_eq!((answer.status, answer.body.as_str()), (401, ""), "{secret}");
        }
    }
    let missing = mono
        .post("/webhooks/mono")
        .body("application/json", body.clone())
        .send()
        .await;
    assert_eq!((missing.status, missing.body.as_str()), (401, ""));
    let twice = mono
        .post("/webhooks/mono")
        .header("mono-webhook-secret", SECRET)
        .header("mono-webhook-secret", SECRET)
        .body("application/json", body)
        .send()
        .await;
    assert_eq!((twice.status, twice.body.as_str()), (401, ""));
    assert_eq!(kept(&app).await, 0);
}

#[tokio::test]
async fn while_the_secret_is_rotated_both_are_good() {
    let app = TestApp::builder()
        .set("MONO_WEBHOOK_SECRET", "new, old")
        .start()
        .await;
    let mut mono = app.newcomer();
    for (number, (secret, status)) in [("new", 200), ("old", 200), ("new, old", 401)]
        .into_iter()
        .enumerate()
    {
        let body = json!({"event": "mono.events.webhook_test", "event_id": number.to_string()});
        assert_eq!(
            tell(&mut mono, secret, &body.to_string()).await.status,
            status,
            "{secret}"
        );
    }
    assert_eq!(kept(&app).await, 2);
}

#[tokio::test]
async fn what_is_no_event_is_refused() {
    let app = TestApp::start().await;
    let mut mono = app.newcomer();
    for body in [
        "",
        "nonsense",
        "{",
        "[]",
        "{}",
        r#"{"event":5}"#,
        r#"{"event":""}"#,
        "null",
    ] {
        assert_eq!(tell(&mut mono, SECRET, body).await.status, 400, "{body}");
    }
    let huge = json!({"event": "x", "data": "x".repeat(1024 * 1024)}).to_string();
    assert_eq!(tell(&mut mono, SECRET, &huge).await.status, 413);
    assert_eq!(kept(&app).await, 0);
}

#[tokio::test]
async fn an_unknown_event_is_kept_and_does_nothing() {
    let app = TestApp::start().await;
    let mut mono = app.newcomer();
    for body in [
        json!({"event": "mono.events.something_new", "data": {"account": "a1"}}),
        json!({"event": "mono.events.account_updated", "data": "nonsense"}),
        json!({"event": "mono.events.account_updated", "data": {"account": {"_id": "../x"}}}),
    ] {
        let answer = tell(&mut mono, SECRET, &body.to_string()).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    }
    assert_eq!(kept(&app).await, 3);
    app.work().await;
    assert_eq!(app.all_calls(), 0);
}

#[tokio::test]
async fn the_same_event_is_kept_once() {
    let app = TestApp::start().await;
    let mut mono = app.newcomer();
    let with_id = json!({"event": "x", "event_id": "e1", "data": {"a": 1}}).to_string();
    let same_id = json!({"event": "x", "event_id": "e1", "data": {"a": 2}}).to_string();
    let without = json!({"event": "x", "data": {}}).to_string();
    for body in [&with_id, &with_id, &same_id, &without, &without] {
        assert_eq!(tell(&mut mono, SECRET, body).await.status, 200);
    }
    assert_eq!(kept(&app).await, 2);
    // Two days later the same words are news again, the same id is not.
    app.advance(std::time::Duration::from_hours(49)).await;
    for body in [&with_id, &without] {
        assert_eq!(tell(&mut mono, SECRET, body).await.status, 200);
    }
    // What was counted above is claimed: only what is new counts.
    assert_eq!(kept(&app).await, 1);
}
