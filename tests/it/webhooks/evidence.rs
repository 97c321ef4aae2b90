//! What an event proves, and as of when.

use std::time::Duration;

use mono_connect_proxy::clock::Clock as _;
use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::{AccountChange, Fault, FaultKind, Generation, HandmadeWebhook};
use serde_json::{Value, json};

async fn account(visitor: &mut Visitor<'_>) -> Value {
    // From the list: it never asks Mono.
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    list["accounts"][0].clone()
}

async fn tell(app: &TestApp, payload: Value) {
    let webhook = HandmadeWebhook {
        payload,
        secret: None,
        retry: false,
    };
    app.simulator.send_webhook(webhook).await;
    app.work().await;
}

/// The page of 2020, with its times: before anything was linked here.
fn sample_of_2020(id: &str, status: &str) -> Value {
    json!({
        "event": "mono.events.account_updated",
        "data": {
            "meta": {"data_status": status},
            "account": {
                "_id": id,
                "institution": {"name": "GTBank"},
                "accountNumber": "0018709596",
                "name": "OGUNGBEFUN OLADUNNI KHADIJAH",
                "type": "SAVINGS_ACCOUNT",
                "currency": "Naira",
                "bvn": "9422",
                "balance": 3_033_984,
                "created_at": "2020-11-24T10:21:03.936Z",
                "updated_at": "2020-11-24T10:21:13.050Z",
                "__v": 0,
            },
        },
    })
}

/// With an id: the same words count once.
fn login_wanted(app: &TestApp, id: &str) -> Value {
    json!({
        "event": "mono.events.reauthorisation_required",
        "event_id": format!("wanted-{}", app.clock_text()),
        "data": {"account": {"_id": id}},
    })
}

fn mono_shows(app: &TestApp, id: &str, status: &str) {
    let change = AccountChange {
        data_status: Some(status.to_owned()),
        ..AccountChange::default()
    };
    app.simulator.change_account(id, change).unwrap();
}

async fn v1(confirm: &str) -> TestApp {
    let app = TestApp::builder()
        .webhooks()
        .generation("v1")
        .set("WEBHOOK_CONFIRM", confirm)
        .start()
        .await;
    app.simulator.change_settings(|settings| {
        settings.webhook.generation = Generation::V1;
        settings.refresh_interval = Duration::ZERO;
    });
    app
}

#[tokio::test]
async fn a_sample_of_2020_counts_although_its_times_are_old() {
    for confirm in ["true", "false"] {
        let app = v1(confirm).await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        for status in ["FAILED", "AVAILABLE", "UNAVAILABLE", "PARTIAL"] {
            app.advance_and_work(Duration::from_mins(5)).await;
            mono_shows(&app, &id, status);
            tell(&app, sample_of_2020(&id, status)).await;
            let shown = account(&mut visitor).await;
            assert_eq!(shown["data_status"], status, "confirmed: {confirm}");
        }
    }
}

#[tokio::test]
async fn what_an_event_without_a_time_says_is_asked_for() {
    let app = v1("true").await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(5)).await;
    app.simulator.clear_requests();
    // Repeated from long ago, or made up: Mono says that all is well.
    tell(&app, sample_of_2020(&id, "FAILED")).await;
    assert_eq!(account(&mut visitor).await["data_status"], "AVAILABLE");
    assert_eq!(app.calls("GET", &format!("/accounts/{id}")), 1);
}

#[tokio::test]
async fn an_accounts_own_time_from_after_the_link_says_what_is_older() {
    let app = v1("false").await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(5)).await;
    let before = app.clock_text();
    app.advance_and_work(Duration::from_mins(5)).await;
    let event = |status: &str, updated_at: &str, balance: i64| {
        let mut event = sample_of_2020(&id, status);
        event["data"]["account"]["updated_at"] = json!(updated_at);
        event["data"]["account"]["balance"] = json!(balance);
        event
    };
    tell(&app, event("PARTIAL", &app.clock_text(), 2)).await;
    app.advance_and_work(Duration::from_secs(5)).await;
    tell(&app, event("AVAILABLE", &before, 1)).await;
    let shown = account(&mut visitor).await;
    assert_eq!(
        (&shown["data_status"], &shown["balance"]),
        (&json!("PARTIAL"), &json!(2))
    );
}

#[tokio::test]
async fn new_data_says_in_v1_that_no_login_is_wanted_any_more() {
    for confirm in ["true", "false"] {
        let app = v1(confirm).await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        for (status, clears) in [("FAILED", false), ("AVAILABLE", true), ("PARTIAL", true)] {
            app.advance_and_work(Duration::from_mins(5)).await;
            let before = app.clock_text();
            app.advance_and_work(Duration::from_mins(5)).await;
            tell(&app, login_wanted(&app, &id)).await;
            app.advance_and_work(Duration::from_secs(5)).await;
            // Late news of what was before.
            let mut late = sample_of_2020(&id, "AVAILABLE");
            late["data"]["account"]["updated_at"] = json!(before);
            mono_shows(&app, &id, "AVAILABLE");
            tell(&app, late).await;
            assert_eq!(account(&mut visitor).await["requires_reauth"], true);
            app.advance_and_work(Duration::from_secs(5)).await;
            mono_shows(&app, &id, status);
            tell(&app, sample_of_2020(&id, status)).await;
            assert_eq!(
                account(&mut visitor).await["requires_reauth"],
                !clears,
                "{status}, confirmed: {confirm}"
            );
        }
    }
}

#[tokio::test]
async fn new_data_that_mono_does_not_show_proves_no_login() {
    let app = v1("true").await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(5)).await;
    tell(&app, login_wanted(&app, &id)).await;
    app.advance_and_work(Duration::from_secs(5)).await;
    mono_shows(&app, &id, "FAILED");
    tell(&app, sample_of_2020(&id, "AVAILABLE")).await;
    let shown = account(&mut visitor).await;
    assert_eq!(
        (&shown["data_status"], &shown["requires_reauth"]),
        (&json!("FAILED"), &json!(true))
    );
}

#[tokio::test]
async fn new_data_says_in_v2_that_a_login_went_through_that_was_begun() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(5)).await;
    tell(&app, login_wanted(&app, &id)).await;
    let updated = |number: u32| {
        json!({
            "event": "mono.events.account_updated",
            "event_id": format!("updated-{number}"),
            "timestamp": app.clock_text(),
            "data": {"account": {"_id": id}, "meta": {"data_status": "AVAILABLE"}},
        })
    };
    app.advance(Duration::from_secs(5)).await;
    tell(&app, updated(1)).await;
    assert_eq!(account(&mut visitor).await["requires_reauth"], true);

    let path = format!("/api/accounts/{id}/reauthorise");
    visitor.post(&path).send().await.assert_status(201);
    app.advance(Duration::from_secs(5)).await;
    tell(&app, updated(2)).await;
    assert_eq!(account(&mut visitor).await["requires_reauth"], false);
}

#[tokio::test]
async fn a_time_in_whole_seconds_is_no_older_than_what_was_learnt_in_that_second() {
    let app = v1("true").await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(5)).await;
    let second = app.clock.now();
    app.advance(Duration::from_millis(400)).await;
    let change = AccountChange {
        reauth_required: Some(true),
        ..AccountChange::default()
    };
    app.simulator
        .change_settings(|settings| settings.webhook.drop = vec!["*".to_owned()]);
    app.simulator.change_account(&id, change).unwrap();
    let path = format!("/api/accounts/{id}/sync");
    visitor.post(&path).send().await.assert_status(200);
    assert_eq!(account(&mut visitor).await["requires_reauth"], true);
    app.simulator
        .change_settings(|settings| settings.webhook.drop.clear());
    for (number, written) in [
        format!("{second}"),
        second.to_string().replace('Z', ".000Z"),
    ]
    .iter()
    .enumerate()
    {
        app.advance(Duration::from_millis(200)).await;
        let event = json!({
            "event": "mono.events.account_reauthorized",
            "event_id": format!("whole-{number}"),
            "timestamp": written,
            "data": {"account": {"_id": id}},
        });
        tell(&app, event).await;
        assert_eq!(
            account(&mut visitor).await["requires_reauth"],
            false,
            "{written}"
        );
    }
}

#[tokio::test]
async fn bad_news_does_not_wait_for_the_confirmation_of_good_news() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(5)).await;
    let down = FaultKind::Html { code: 500 };
    app.simulator
        .fault(Fault::next(down).on("/v2/accounts/*").times(0));
    let event = json!({
        "event": "mono.events.account_updated",
        "data": {
            "account": {"_id": id},
            "meta": {"data_status": "AVAILABLE", "sync_status": "REAUTHORISATION_REQUIRED"},
        },
    });
    tell(&app, event).await;
    assert_eq!(account(&mut visitor).await["requires_reauth"], true);
}

#[tokio::test]
async fn a_sync_that_failed_is_told_by_its_own_event_too() {
    let app = v1("true").await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    for fails in [true, false] {
        let word = if fails { "FAILED" } else { "AVAILABLE" };
        let change = AccountChange {
            outcome: Some(word.to_owned()),
            ..AccountChange::default()
        };
        app.simulator.change_account(&id, change).unwrap();
        app.advance_and_work(Duration::from_mins(5)).await;
        app.simulator.refresh(&id).await.unwrap();
        app.work().await;
        let last = app.simulator.deliveries().last().unwrap().event.clone();
        let name = if fails {
            "sync_failed"
        } else {
            "account_updated"
        };
        assert_eq!(last, format!("mono.events.{name}"));
        let shown = account(&mut visitor).await;
        assert_eq!(shown["last_sync"]["outcome"], "failed");
        // What was there can still be read.
        assert_eq!(shown["data_status"], "AVAILABLE");
    }
}
