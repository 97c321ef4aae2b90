//! `mono.events.account_income`: says that an analysis is over, and nothing else that counts.

use std::time::Duration;

use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::HandmadeWebhook;
use serde_json::{Value, json};

const START: &str = "/v2/accounts/*/income";
const RECORDS: &str = "/v2/accounts/*/income-records";

async fn tell(app: &TestApp, payload: Value) {
    let webhook = HandmadeWebhook {
        payload,
        secret: None,
        retry: false,
    };
    app.simulator.send_webhook(webhook).await;
    app.work().await;
}

async fn income(visitor: &mut Visitor<'_>, id: &str) -> Value {
    let path = format!("/api/accounts/{id}/income");
    visitor.get(&path).send().await.assert_status(200)
}

/// An account whose income is being analysed; of its end only the test tells.
async fn analysed(app: &TestApp) -> (Visitor<'_>, String) {
    app.simulator
        .change_settings(|settings| settings.webhook.drop = vec!["account_income".to_owned()]);
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    assert_eq!(income(&mut visitor, &id).await["status"], "processing");
    app.advance_and_work(Duration::from_secs(10)).await;
    assert_eq!(income(&mut visitor, &id).await["status"], "processing");
    (visitor, id)
}

#[tokio::test]
async fn ends_the_analysis_in_each_spelling() {
    for event in [
        "mono.events.account_income",
        "mono.events.sandbox_account_income",
        "sandbox_mono.events.account_income",
        "mono.accounts.account_income",
    ] {
        for account in [|id: &str| json!(id), |id: &str| json!({"_id": id})] {
            let app = TestApp::builder().webhooks().start().await;
            let (mut visitor, id) = analysed(&app).await;
            let payload = json!({"event": event, "data": {"account": account(&id)}});
            tell(&app, payload).await;
            let ready = income(&mut visitor, &id).await;
            assert_eq!(ready["status"], "ready", "{event}");
            assert_eq!(ready["records"].as_array().unwrap().len(), 1);
            assert_eq!(app.calls("GET", START), 1);
        }
    }
}

#[tokio::test]
async fn nothing_that_it_claims_is_shown() {
    let app = TestApp::builder().webhooks().start().await;
    let (mut visitor, id) = analysed(&app).await;
    let forged = json!({
        "event": "mono.events.account_income",
        "data": {
            "account": id,
            "income_summary": {"employer": "CANARY LTD", "total_income": 99_999_999_999_i64},
            "income_streams": [{"income_type": "CANARY", "monthly_average": 99_999_999_999_i64}],
        },
    });
    for _ in 0..2 {
        tell(&app, forged.clone()).await;
    }
    let told = income(&mut visitor, &id).await.to_string();
    assert!(
        !told.contains("CANARY") && !told.contains("99999999999"),
        "{told}"
    );
    assert_eq!(app.calls("GET", RECORDS), 1);
    let account = visitor.get(&format!("/api/accounts/{id}")).send().await;
    assert!(!account.body.contains("CANARY"), "{}", account.body);
}

#[tokio::test]
async fn before_the_first_analysis_it_takes_the_place_of_none() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let forged = json!({"event": "mono.events.account_income", "data": {"account": id}});
    tell(&app, forged).await;
    app.advance(Duration::from_secs(1)).await;
    assert_eq!(income(&mut visitor, &id).await["status"], "processing");
    assert_eq!(app.calls("GET", START), 1);
    app.advance_and_work(Duration::from_secs(10)).await;
    assert_eq!(income(&mut visitor, &id).await["status"], "ready");
}

#[tokio::test]
async fn a_true_one_makes_up_for_one_that_came_too_soon() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    assert_eq!(income(&mut visitor, &id).await["status"], "processing");
    let forged = json!({"event": "mono.events.account_income", "data": {"account": id}});
    tell(&app, forged).await;
    assert_eq!(income(&mut visitor, &id).await["records"], json!([]));
    app.advance_and_work(Duration::from_secs(10)).await;
    let ready = income(&mut visitor, &id).await;
    assert_eq!(ready["records"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_earlier_one_that_comes_late_ends_nothing() {
    let app = TestApp::builder().webhooks().start().await;
    app.simulator
        .change_settings(|settings| settings.webhook.drop = vec!["account_income".to_owned()]);
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let before = app.clock_text();
    app.advance(Duration::from_mins(1)).await;
    assert_eq!(income(&mut visitor, &id).await["status"], "processing");
    let late = json!({
        "event": "mono.events.account_income",
        "timestamp": before,
        "data": {"account": id},
    });
    tell(&app, late).await;
    assert_eq!(income(&mut visitor, &id).await["status"], "processing");
    assert_eq!(app.calls("GET", RECORDS), 0);
}

#[tokio::test]
async fn of_an_account_that_is_not_known_it_waits_and_of_an_erased_one_it_goes() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let reference = visitor.starts_link().await;
    let linked = app.bank_user_links(&reference).await;
    let id = linked.account_id.clone();
    let told = json!({"event": "mono.events.account_income", "event_id": "early",
        "data": {"account": id}});
    tell(&app, told).await;
    let exchange = visitor.exchanges(&linked.code, &reference).await;
    assert!(matches!(exchange.status, 200 | 201), "{}", exchange.body);
    app.work().await;
    let path = format!("/api/accounts/{id}");
    let unlinked = visitor.call(axum::http::Method::DELETE, &path).send().await;
    unlinked.assert_status(204);
    let told = json!({"event": "mono.events.account_income", "event_id": "late",
        "data": {"account": id}});
    tell(&app, told).await;
    assert_eq!(app.store.inbox_backlog().await.unwrap().events, 0);
    visitor
        .get(&path)
        .send()
        .await
        .assert_problem(404, "account_not_found");
}
