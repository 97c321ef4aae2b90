//! Twice, late and in any order: the same end.

use std::time::Duration;

use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::{AccountChange, Fault, FaultKind, HandmadeWebhook};
use serde_json::{Value, json};

/// The end state of an account's life, apart from when it was written.
async fn end_of(visitor: &mut Visitor<'_>) -> Value {
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    let mut account = list["accounts"][0].clone();
    for part in ["id", "updated_at", "linked_at"] {
        account[part] = Value::Null;
    }
    account
}

/// Connected, updated, login required, logged in, updated: as Mono sends them.
async fn story() -> (TestApp, Vec<Value>) {
    let app = TestApp::builder().webhooks().start().await;
    let id = {
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let change = AccountChange {
            reauth_required: Some(true),
            ..AccountChange::default()
        };
        app.simulator.change_account(&id, change).unwrap();
        app.simulator.refresh(&id).await.unwrap();
        app.advance(Duration::from_secs(20)).await;
        app.simulator.reauthorise(&id).await.unwrap();
        app.advance(Duration::from_secs(20)).await;
        id
    };
    let told = app
        .simulator
        .deliveries()
        .into_iter()
        .filter(|d| d.account.as_deref() == Some(&id));
    let told = told.map(|delivery| delivery.payload).collect();
    (app, told)
}

#[tokio::test]
async fn duplicated_and_reordered_events_end_the_same() {
    let mut ends = Vec::new();
    for setting in 0..5 {
        let app = TestApp::builder().webhooks().start().await;
        app.simulator.change_settings(|settings| match setting {
            1 => settings.webhook.duplicate = 3,
            2 => settings.webhook.reorder = true,
            3 => settings.webhook.forged = true,
            4 => {
                settings.webhook.duplicate = 1;
                settings.webhook.reorder = true;
                settings.webhook.delay = Duration::from_secs(7);
            }
            _ => {}
        });
        let mut visitor = app.visitor().await;
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        for _ in 0..10 {
            app.advance_and_work(Duration::from_secs(30)).await;
        }
        let change = AccountChange {
            reauth_required: Some(true),
            ..AccountChange::default()
        };
        app.simulator.change_account(&id, change).unwrap();
        app.simulator.refresh(&id).await.unwrap();
        for _ in 0..10 {
            app.advance_and_work(Duration::from_secs(30)).await;
        }
        let mut end = end_of(&mut visitor).await;
        assert_eq!(end["requires_reauth"], true, "{setting}");
        // Delays move the times of what is told.
        for part in ["requires_reauth_since", "last_sync", "consent"] {
            end[part] = Value::Null;
        }
        ends.push(end);
    }
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{ends:#?}");
}

#[tokio::test]
async fn every_order_of_a_life_ends_the_same() {
    let (app, told) = story().await;
    assert!(told.len() >= 5, "{told:#?}");
    app.work().await;
    let mut orders = Vec::new();
    // Each event first, each last, and all backwards.
    for first in 0..told.len() {
        let mut order: Vec<usize> = (0..told.len()).collect();
        order.rotate_left(first);
        orders.push(order.clone());
        order.reverse();
        orders.push(order);
    }
    let mut ends = Vec::new();
    for order in orders {
        let late = TestApp::builder()
            .webhooks()
            .set("WEBHOOK_CONFIRM", "false")
            .start()
            .await;
        let mut visitor = late.visitor().await;
        // The same account, of which nothing was told yet.
        late.simulator.change_settings(|settings| {
            settings.processing_time = Duration::from_hours(9);
            settings.refresh_interval = Duration::ZERO;
            settings.webhook.drop = vec!["*".to_owned()];
        });
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        // From here on Mono tells, and cannot be asked.
        let down = Fault::next(FaultKind::Html { code: 500 })
            .on("/v2/accounts/*")
            .times(0);
        late.simulator.fault(down);
        late.advance(Duration::from_mins(10)).await;
        late.simulator
            .change_settings(|settings| settings.webhook.drop.clear());
        for index in &order {
            let payload = about(&told[*index], &id);
            let webhook = HandmadeWebhook {
                payload,
                secret: None,
                retry: false,
            };
            late.simulator.send_webhook(webhook).await;
            late.work().await;
        }
        ends.push((order, end_of(&mut visitor).await));
    }
    let (_, expected) = &ends[0];
    assert_eq!(expected["requires_reauth"], false);
    assert_eq!(expected["data_status"], "AVAILABLE");
    for (order, end) in &ends {
        assert_eq!(end, expected, "{order:?}");
    }
}

/// The same event about another account.
fn about(payload: &Value, id: &str) -> Value {
    let mut payload = payload.clone();
    for place in [
        "/data/id",
        "/data/account/_id",
        "/data/account/id",
        "/data/account",
    ] {
        if let Some(value) = payload.pointer_mut(place)
            && value.is_string()
        {
            *value = json!(id);
        }
    }
    payload
}
