//! Where Mono's documents contradict each other: a test for each contradiction that the proxy
//! decides. The others, by their numbers, are in `proxy/mono/tests/it/checklist.rs`.

use std::time::Duration;

use mono_connect_tests::{Answer, TestApp};
use mono_simulator::{AccountChange, NewTransaction};
use serde_json::json;

/// Mono tells something, with this secret.
async fn tell(app: &TestApp, secret: &str) -> Answer {
    let event = json!({"event": "mono.events.webhook_test", "data": {}});
    let mut mono = app.newcomer();
    let call = mono.post("/webhooks/mono");
    call.header("mono-webhook-secret", secret)
        .json(&event)
        .await
}

#[tokio::test]
async fn row_09_a_webhook_is_answered_with_exactly_200() {
    let app = TestApp::start().await;
    let answer = tell(&app, "webhook_secret_simulator").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}

#[tokio::test]
async fn row_10_the_secret_is_compared_and_no_signature_is_computed() {
    let app = TestApp::start().await;
    assert_eq!(tell(&app, "webhook_secret_simulator").await.status, 200);
    // As long as the hexadecimal SHA-512 that others take the header for.
    assert_eq!(tell(&app, &"0f".repeat(64)).await.status, 401);
}

#[tokio::test]
async fn row_11_the_secret_is_whatever_is_configured() {
    for secret in ["chosen-by-us", "sec_ABCDEFGHIJKLMNOP"] {
        let app = TestApp::builder()
            .set("MONO_WEBHOOK_SECRET", secret)
            .start()
            .await;
        assert_eq!(tell(&app, secret).await.status, 200);
        assert_eq!(tell(&app, "webhook_secret_simulator").await.status, 401);
    }
}

#[tokio::test]
async fn row_20_a_token_and_an_account_id_are_not_taken_for_each_other() {
    for (method, field, other) in [
        ("token", "token", "account_id"),
        ("account_id", "account_id", "token"),
    ] {
        let app = TestApp::builder().set("MONO_REAUTH", method).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let path = format!("/api/accounts/{id}/reauthorise");
        let answer = visitor.post(&path).send().await.assert_status(201);
        assert_eq!(answer["method"], method);
        assert!(answer[field].is_string() && answer.get(other).is_none());
    }
}

/// What the widget is told stands in `web/src/js/widget.rs`; this is what Mono's hosted page is.
#[tokio::test]
async fn row_21_to_log_in_again_has_a_scope_of_its_own() {
    let app = TestApp::builder()
        .set("MONO_REAUTH", "hosted_link")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/reauthorise");
    // The simulator's `initiate` takes an account with the scope `reauth` only.
    let answer = visitor.post(&path).send().await.assert_status(201);
    assert!(answer["url"].is_string());
}

#[tokio::test]
async fn row_22_fresh_data_does_not_need_the_automatic_refresh() {
    let app = TestApp::builder().generation("v1").start().await;
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let change = AccountChange {
        transaction: Some(NewTransaction {
            amount: 4_200,
            credit: false,
            narration: "an unmistakable purchase".to_owned(),
        }),
        ..AccountChange::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    app.advance(Duration::from_hours(48)).await;
    let purchase = format!("/api/accounts/{id}/transactions?narration=unmistakable");
    let before = visitor.get(&purchase).send().await.assert_status(200);
    assert_eq!(before["transactions"], json!([]));
    let sync = visitor.post(&format!("/api/accounts/{id}/sync")).send();
    assert_eq!(sync.await.assert_status(200)["status"], "synced");
    let after = visitor.get(&purchase).send().await.assert_status(200);
    assert_eq!(after["transactions"][0]["amount"], 4_200);
}

#[tokio::test]
async fn row_27_a_reference_is_as_long_as_anybody_asks_for() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    assert!(reference.len() >= 10, "{reference}");
}

#[test]
fn each_of_the_35_rows_has_a_test() {
    let files = [
        include_str!("checklist.rs"),
        include_str!("../../proxy/mono/tests/it/checklist.rs"),
    ];
    let missing: Vec<_> = (1..=35)
        .filter(|row| {
            let name = format!("fn row_{row:02}_");
            !files.iter().any(|file| file.contains(&name))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
