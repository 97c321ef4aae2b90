//! `mono.events.account_unlinked`, and what comes after it.

use std::time::Duration;

use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::{Fault, FaultKind, HandmadeWebhook};
use serde_json::{Value, json};

async fn handmade(app: &TestApp, payload: Value) {
    let webhook = HandmadeWebhook {
        payload,
        secret: None,
        retry: false,
    };
    app.simulator.send_webhook(webhook).await;
    app.work().await;
}

async fn count(visitor: &mut Visitor<'_>) -> usize {
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    list["accounts"].as_array().unwrap().len()
}

fn unlinked(id: &str) -> Value {
    json!({"event": "mono.events.account_unlinked", "data": {"account": {"id": id}}})
}

#[tokio::test]
async fn erases_the_account_in_either_spelling() {
    for underscore_id in [false, true] {
        for generation in ["v2", "v1"] {
            let app = TestApp::builder()
                .webhooks()
                .generation(generation)
                .start()
                .await;
            app.simulator.change_settings(|settings| {
                settings.dialect.unlinked_underscore_id = underscore_id;
            });
            let mut visitor = app.visitor().await;
            let id = visitor.links_and_waits().await;
            app.work().await;
            let mut page = visitor.watches(None).await;
            page.next_of("snapshot").await;
            app.simulator.unlink(&id).await.unwrap();
            app.work().await;
            assert_eq!(page.next_of("removed").await, json!({"account_id": id}));
            assert_eq!(count(&mut visitor).await, 0);
            let gone = visitor.get(&format!("/api/accounts/{id}")).send().await;
            gone.assert_problem(404, "account_not_found");
        }
    }
}

#[tokio::test]
async fn is_not_believed_while_mono_knows_the_account() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    app.simulator.clear_requests();
    handmade(&app, unlinked(&id)).await;
    for _ in 0..60 {
        app.advance_and_work(Duration::from_secs(30)).await;
    }
    assert_eq!(count(&mut visitor).await, 1);
    let asked = app.calls("GET", &format!("/v2/accounts/{id}"));
    assert!(
        (2..10).contains(&asked),
        "every question is paid for: {asked}"
    );
    assert_eq!(app.store.inbox_backlog().await.unwrap().events, 0);
}

#[tokio::test]
async fn is_believed_as_soon_as_mono_confirms_it() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    // The event is faster than Mono's own memory, and then Mono is not well.
    app.simulator
        .change_settings(|settings| settings.webhook.drop = vec!["*".to_owned()]);
    handmade(&app, unlinked(&id)).await;
    assert_eq!(count(&mut visitor).await, 1);
    app.simulator.unlink(&id).await.unwrap();
    let failing = Fault::next(FaultKind::Html { code: 500 }).on("/v2/accounts/*");
    app.simulator.fault(failing);
    app.advance_and_work(Duration::from_secs(5)).await;
    assert_eq!(count(&mut visitor).await, 1);
    app.advance_and_work(Duration::from_secs(20)).await;
    assert_eq!(count(&mut visitor).await, 0);
}

#[tokio::test]
async fn is_believed_at_once_where_nothing_is_confirmed() {
    let app = TestApp::builder()
        .webhooks()
        .set("WEBHOOK_CONFIRM", "false")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    app.simulator.clear_requests();
    handmade(&app, unlinked(&id)).await;
    assert_eq!(count(&mut visitor).await, 0);
    assert_eq!(app.all_calls(), 0);
}

#[tokio::test]
async fn what_is_told_of_an_erased_account_is_not_kept_waiting() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.unlink(&id).await.unwrap();
    app.work().await;
    app.simulator.clear_requests();
    for payload in [
        json!({"event": "mono.events.account_updated", "event_id": "late-1",
            "data": {"account": {"_id": id, "name": "SAMUEL"}, "meta": {"data_status": "AVAILABLE"}}}),
        json!({"event": "mono.events.account_connected", "event_id": "late-2", "data": {"id": id}}),
        json!({"event": "mono.events.account_reauthorized", "event_id": "late-3",
            "data": {"account": {"_id": id}}}),
        json!({"event": "mono.events.account_credit_worthiness", "event_id": "late-4",
            "data": {"account": id, "summary": {"total_debt": 1}}}),
        unlinked(&id),
    ] {
        handmade(&app, payload).await;
    }
    assert_eq!(count(&mut visitor).await, 0);
    assert_eq!(app.all_calls(), 0);
    // Neither due nor waiting: everything is done, and goes when it is old.
    let waiting = mono_connect_store::Prunable::WaitingEvents;
    let far = mono_connect_shared::Timestamp::MAX;
    assert_eq!(app.store.inbox_backlog().await.unwrap().events, 0);
    assert_eq!(app.store.prune(waiting, far, 9).await.unwrap(), 0);
}
