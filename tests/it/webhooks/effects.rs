//! What an event does to an account, in both ages of Mono's webhooks.

use std::time::Duration;

use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::{AccountChange, Fault, FaultKind, Generation, HandmadeWebhook};
use serde_json::{Value, json};

async fn account(visitor: &mut Visitor<'_>, id: &str) -> Value {
    // From the list: it never asks Mono.
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    let accounts = list["accounts"].as_array().unwrap();
    accounts
        .iter()
        .find(|account| account["id"] == id)
        .unwrap()
        .clone()
}

async fn handmade(app: &TestApp, payload: Value) {
    let webhook = HandmadeWebhook {
        payload,
        secret: None,
        retry: false,
    };
    app.simulator.send_webhook(webhook).await;
    app.work().await;
}

#[tokio::test]
async fn data_that_is_ready_is_shown() {
    for generation in [Generation::V2, Generation::V1] {
        let app = TestApp::builder().webhooks().start().await;
        app.simulator
            .change_settings(|settings| settings.webhook.generation = generation);
        let mut visitor = app.visitor().await;
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        app.simulator.clear_requests();
        app.advance_and_work(Duration::from_secs(3)).await;
        let account = account(&mut visitor, &id).await;
        assert_eq!(account["data_status"], "AVAILABLE", "{generation:?}");
        assert!(account["balance"].is_i64());
        // What the event claimed was confirmed by asking, once.
        assert_eq!(app.calls("GET", &format!("/v2/accounts/{id}")), 1);
    }
}

#[tokio::test]
async fn good_news_that_mono_does_not_confirm_is_no_news() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    app.simulator
        .change_settings(|settings| settings.processing_time = Duration::from_hours(1));
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    app.advance_and_work(Duration::from_secs(2)).await;
    // Somebody who has the secret claims that the data is there.
    let payload = json!({
        "event": "mono.events.account_updated",
        "data": {"account": {"_id": id, "balance": 1}, "meta": {"data_status": "AVAILABLE"}},
    });
    handmade(&app, payload).await;
    let shown = account(&mut visitor, &id).await;
    assert_eq!(
        (&shown["data_status"], &shown["balance"]),
        (&json!("PROCESSING"), &Value::Null)
    );
}

#[tokio::test]
async fn without_confirmation_an_event_is_believed() {
    let app = TestApp::builder()
        .webhooks()
        .set("WEBHOOK_CONFIRM", "false")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    app.simulator
        .change_settings(|settings| settings.processing_time = Duration::from_hours(1));
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    app.advance_and_work(Duration::from_secs(2)).await;
    app.simulator.clear_requests();
    let payload = json!({
        "event": "mono.events.account_updated",
        "data": {"account": {"_id": id}, "meta": {"data_status": "PARTIAL", "retrieved_data": ["balance"]}},
    });
    handmade(&app, payload).await;
    let shown = account(&mut visitor, &id).await;
    assert_eq!(shown["data_status"], "PARTIAL");
    assert_eq!(shown["retrieved_data"], json!(["balance"]));
    assert_eq!(app.all_calls(), 0);
}

#[tokio::test]
async fn a_confirmation_that_fails_is_tried_again() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    app.simulator
        .fault(Fault::next(FaultKind::Html { code: 500 }).times(0));
    app.advance_and_work(Duration::from_secs(3)).await;
    assert_eq!(
        account(&mut visitor, &id).await["data_status"],
        "PROCESSING"
    );
    app.simulator.clear_faults();
    app.advance_and_work(Duration::from_secs(2)).await;
    assert_eq!(account(&mut visitor, &id).await["data_status"], "AVAILABLE");
}

#[tokio::test]
async fn a_bank_that_wants_its_user_again() {
    for generation in [Generation::V2, Generation::V1] {
        let app = TestApp::builder().webhooks().start().await;
        app.simulator
            .change_settings(|settings| settings.webhook.generation = generation);
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.work().await;
        let change = AccountChange {
            reauth_required: Some(true),
            ..AccountChange::default()
        };
        app.simulator.change_account(&id, change).unwrap();
        app.simulator.refresh(&id).await.unwrap();
        app.advance_and_work(Duration::from_secs(10)).await;
        let required = account(&mut visitor, &id).await;
        assert_eq!(
            required["requires_reauth"], true,
            "{generation:?}: {required}"
        );
        let since = required["requires_reauth_since"]
            .as_str()
            .unwrap()
            .to_owned();
        // What is there can still be read.
        visitor
            .get(&format!("/api/accounts/{id}/balance"))
            .send()
            .await
            .assert_status(200);

        // Nothing that the browser says clears it.
        visitor
            .post(&format!("/api/accounts/{id}/reauthorise"))
            .send()
            .await
            .assert_status(201);
        let still = account(&mut visitor, &id).await;
        assert_eq!(still["requires_reauth_since"], since);

        app.simulator.reauthorise(&id).await.unwrap();
        app.advance_and_work(Duration::from_secs(10)).await;
        let cleared = account(&mut visitor, &id).await;
        assert_eq!(
            cleared["requires_reauth"], false,
            "{generation:?}: {cleared}"
        );
        assert_eq!(cleared["requires_reauth_since"], Value::Null);
    }
}

#[tokio::test]
async fn every_spelling_of_a_login_is_understood() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for (asks, clears) in [
        (
            "mono.events.reauthorisation_required",
            "mono.events.account_reauthorized",
        ),
        (
            "mono.events.reauthorization_required",
            "mono.events.account_reauthorised",
        ),
        (
            "mono.accounts.reauthorisation_required",
            "mono.accounts.account_reauthorized",
        ),
    ] {
        app.advance(Duration::from_secs(5)).await;
        handmade(
            &app,
            json!({"event": asks, "data": {"account": {"_id": id}}}),
        )
        .await;
        assert_eq!(
            account(&mut visitor, &id).await["requires_reauth"],
            true,
            "{asks}"
        );
        app.advance(Duration::from_secs(5)).await;
        handmade(
            &app,
            json!({"event": clears, "data": {"account": {"_id": id}}}),
        )
        .await;
        assert_eq!(
            account(&mut visitor, &id).await["requires_reauth"],
            false,
            "{clears}"
        );
    }
}

#[tokio::test]
async fn an_event_from_long_before_the_link_counts_from_when_it_came() {
    // As printed in Mono's documentation.
    let old = "2024-01-30T09:12:44.000Z";
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for (event, requires_reauth) in [
        ("mono.events.reauthorisation_required", true),
        ("mono.events.account_reauthorized", false),
    ] {
        app.advance(Duration::from_secs(5)).await;
        let data = json!({"account": {"_id": id}});
        handmade(
            &app,
            json!({"event": event, "timestamp": old, "data": data}),
        )
        .await;
        let shown = account(&mut visitor, &id).await;
        assert_eq!(shown["requires_reauth"], requires_reauth, "{event}");
    }
    // Of a job as well.
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    let started = visitor.get(&path).send().await.assert_status(200);
    app.advance(Duration::from_secs(1)).await;
    let job = &started["freshness"]["job"]["id"];
    let data = json!({"id": job, "account": id, "status": "failed", "reauth_required": true});
    let event = "mono.accounts.jobs.update";
    handmade(
        &app,
        json!({"event": event, "timestamp": old, "data": data}),
    )
    .await;
    let shown = account(&mut visitor, &id).await;
    assert_eq!(shown["requires_reauth"], true, "{event}");

    app.advance(Duration::from_secs(5)).await;
    let data = json!({"account": {"_id": id}, "meta": {"data_status": "FAILED"}});
    let change = AccountChange {
        data_status: Some("FAILED".to_owned()),
        ..AccountChange::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    let event = "mono.events.account_updated";
    handmade(
        &app,
        json!({"event": event, "timestamp": old, "data": data}),
    )
    .await;
    assert_eq!(account(&mut visitor, &id).await["data_status"], "FAILED");
}

#[tokio::test]
async fn what_no_event_tells_is_asked_for() {
    // Every event is lost, and nobody looks.
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    app.simulator
        .change_settings(|settings| settings.processing_time = Duration::from_mins(4));
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    app.simulator.clear_requests();
    let mut asked = Vec::new();
    for _ in 0..60 {
        app.advance_and_work(Duration::from_secs(5)).await;
        asked.push(app.calls("GET", &format!("/v2/accounts/{id}")));
    }
    assert_eq!(account(&mut visitor, &id).await["data_status"], "AVAILABLE");
    // In growing intervals, and not any more once it is there.
    let calls = *asked.last().unwrap();
    assert!((4..=12).contains(&calls), "{asked:?}");
    app.advance_and_work(Duration::from_hours(3)).await;
    assert_eq!(app.calls("GET", &format!("/v2/accounts/{id}")), calls);
}

#[tokio::test]
async fn a_sync_that_failed_is_heard_although_the_accounts_own_time_is_old() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let updated_at = app.clock_text();
    let event = |status: &str| {
        json!({
            "event": "mono.events.account_updated",
            "data": {
                "account": {"_id": id, "updated_at": updated_at},
                "meta": {"data_status": "AVAILABLE", "sync_status": status},
            },
        })
    };
    app.advance(Duration::from_secs(5)).await;
    handmade(&app, event("SUCCESSFUL")).await;
    app.advance(Duration::from_hours(24)).await;
    handmade(&app, event("REAUTHORISATION_REQUIRED")).await;
    assert_eq!(account(&mut visitor, &id).await["requires_reauth"], true);
}

#[tokio::test]
async fn a_job_that_wants_a_login_is_heard() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let payload = json!({
        "event": "mono.accounts.jobs.update",
        "data": {"id": "66f3d4b3305261f275", "account": id, "status": "REAUTHORISATION_REQUIRED"},
    });
    handmade(&app, payload).await;
    assert_eq!(account(&mut visitor, &id).await["requires_reauth"], true);
}

#[tokio::test]
async fn without_confirmation_an_events_balance_is_taken_over() {
    let app = TestApp::builder()
        .webhooks()
        .set("WEBHOOK_CONFIRM", "false")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_secs(1)).await;
    let payload = json!({
        "event": "mono.events.account_updated",
        "timestamp": app.clock_text(),
        "data": {
            "account": {"_id": id, "balance": 12_345, "accountNumber": "0000009876"},
            "meta": {"data_status": "AVAILABLE"},
        },
    });
    handmade(&app, payload).await;
    let shown = account(&mut visitor, &id).await;
    assert_eq!(
        (&shown["balance"], &shown["account_number_last4"]),
        (&json!(12_345), &json!("9876"))
    );
    assert_eq!(shown["name"], "SAMUEL OLAMIDE");
}
