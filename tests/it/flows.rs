//! The flows that Mono's documents tell, from beginning to end (seeds 000, 002, 003; the order of
//! events is Mono's).

use std::time::Duration;

use mono_connect_tests::{Page, TestApp, Visitor};
use mono_simulator::{AccountChange, Generation, NewTransaction};
use serde_json::{Value, json};

async fn account(visitor: &mut Visitor<'_>) -> Value {
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    list["accounts"][0].clone()
}

async fn watching(visitor: &Visitor<'_>) -> Page {
    let mut page = visitor.watches(None).await;
    page.next().await.named("snapshot");
    page
}

/// What the events were, in order.
fn told(app: &TestApp) -> Vec<String> {
    app.simulator
        .deliveries()
        .into_iter()
        .map(|delivery| delivery.event)
        .collect()
}

fn bank_wants_its_user(app: &TestApp, id: &str, wants: bool) {
    let change = AccountChange {
        reauth_required: Some(wants),
        ..AccountChange::default()
    };
    app.simulator.change_account(id, change).unwrap();
}

fn user_spends(app: &TestApp, id: &str, amount: i64) {
    let transaction = NewTransaction {
        amount,
        credit: false,
        narration: "VC POS Loc-SHOPRITE".to_owned(),
    };
    let change = AccountChange {
        transaction: Some(transaction),
        ..AccountChange::default()
    };
    app.simulator.change_account(id, change).unwrap();
}

/// Seed 003: connected, exchanged, fetched, updated; and only then is there anything to read.
#[tokio::test]
async fn an_account_is_linked_and_its_data_comes() {
    for generation in ["v1", "v2"] {
        let app = TestApp::builder()
            .webhooks()
            .generation(generation)
            .start()
            .await;
        if generation == "v1" {
            app.simulator
                .change_settings(|settings| settings.webhook.generation = Generation::V1);
        }
        let mut visitor = app.visitor().await;
        let mut page = watching(&visitor).await;
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        app.work().await;
        assert_eq!(page.next_of("account").await["data_status"], "PROCESSING");
        let path = format!("/api/accounts/{id}/transactions");
        visitor
            .get(&path)
            .send()
            .await
            .assert_problem(409, "data_not_ready");

        app.advance_and_work(Duration::from_secs(3)).await;
        page.next_where("account", |account| account["data_available"] == true)
            .await;
        let rows = visitor.get(&path).send().await.assert_status(200);
        assert!(!rows["transactions"].as_array().unwrap().is_empty());
        assert_eq!(
            told(&app),
            [
                "mono.events.account_connected",
                "mono.events.account_updated"
            ]
        );
    }
}

/// Seed 000: once a day Mono fetches what is new, and says so.
#[tokio::test]
async fn a_daily_refresh_brings_new_data() {
    let app = TestApp::builder().webhooks().generation("v1").start().await;
    app.simulator
        .change_settings(|settings| settings.webhook.generation = Generation::V1);
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let before = account(&mut visitor).await["balance"].as_i64().unwrap();
    let mut page = watching(&visitor).await;
    user_spends(&app, &id, 250_000);
    app.advance_and_work(Duration::from_hours(25)).await;
    let after = page
        .next_where("account", |account| account["balance"] != before)
        .await;
    assert_ne!(after["balance"], before);
    assert_eq!(after["data_status"], "AVAILABLE");
}

/// Seed 000: a manual sync; the bank wants its user; a token just in time; the login; new data.
#[tokio::test]
async fn a_manual_sync_leads_through_a_login_by_token() {
    let app = TestApp::builder().webhooks().generation("v1").start().await;
    app.simulator
        .change_settings(|settings| settings.webhook.generation = Generation::V1);
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.advance_and_work(Duration::from_mins(3)).await;
    let mut page = watching(&visitor).await;

    bank_wants_its_user(&app, &id, true);
    let sync = format!("/api/accounts/{id}/sync");
    let outcome = visitor.post(&sync).send().await.assert_status(200);
    assert_eq!(outcome["status"], "reauthorisation_required");
    page.next_where("account", |account| account["requires_reauth"] == true)
        .await;
    app.simulator.settle().await;
    app.work().await;

    let path = format!("/api/accounts/{id}/reauthorise");
    let answer = visitor.post(&path).send().await.assert_status(201);
    assert_eq!(answer["method"], "token");
    app.simulator.reauthorise(&id).await.unwrap();
    app.advance_and_work(Duration::from_secs(10)).await;
    page.next_where("account", |account| account["requires_reauth"] == false)
        .await;

    // Now the sync succeeds.
    app.advance_and_work(Duration::from_mins(3)).await;
    let outcome = visitor.post(&sync).send().await.assert_status(200);
    assert_eq!(outcome["status"], "synced");
    let events = told(&app);
    for event in [
        "reauthorisation_required",
        "account_reauthorized",
        "account_updated",
    ] {
        assert!(
            events.iter().any(|told| told.ends_with(event)),
            "{event}: {events:?}"
        );
    }
}

/// Seed 002: a real-time read starts a job; the job ends; the account is updated; a plain read
/// brings the new data.
#[tokio::test]
async fn a_real_time_job_brings_new_data() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let mut page = watching(&visitor).await;
    let plain = format!("/api/accounts/{id}/balance");
    let before = visitor.get(&plain).send().await.assert_status(200);
    user_spends(&app, &id, 100_000);

    let realtime = format!("/api/accounts/{id}/balance?realtime=true");
    let asked = visitor.get(&realtime).send().await.assert_status(200);
    let job = asked["freshness"]["job"]["id"].clone();
    assert_eq!(page.next_of("job").await["job"]["id"], job);
    app.advance_and_work(Duration::from_secs(5)).await;
    page.next_where("job", |told| told["job"]["status"] == "finished")
        .await;
    let after = visitor.get(&plain).send().await.assert_status(200);
    assert_eq!(
        after["balance"].as_i64().unwrap(),
        before["balance"].as_i64().unwrap() - 100_000
    );
    assert_eq!(
        account(&mut visitor).await["last_sync"]["outcome"],
        "synced"
    );
}

/// Seed 002: a real-time job fails because the bank wants its user; the user logs
/// in again; all is well.
#[tokio::test]
async fn a_real_time_job_leads_through_a_login() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let mut page = watching(&visitor).await;
    bank_wants_its_user(&app, &id, true);
    let realtime = format!("/api/accounts/{id}/transactions?realtime=true");
    visitor.get(&realtime).send().await.assert_status(200);
    app.advance_and_work(Duration::from_secs(5)).await;
    page.next_where("job", |told| told["job"]["status"] == "failed")
        .await;
    page.next_where("account", |account| account["requires_reauth"] == true)
        .await;

    let path = format!("/api/accounts/{id}/reauthorise");
    let answer = visitor.post(&path).send().await.assert_status(201);
    assert_eq!(
        (&answer["method"], &answer["account_id"]),
        (&json!("account_id"), &json!(id))
    );
    app.simulator.reauthorise(&id).await.unwrap();
    app.advance_and_work(Duration::from_secs(10)).await;
    let well = page
        .next_where("account", |account| account["requires_reauth"] == false)
        .await;
    assert_eq!(well["data_status"], "AVAILABLE");
    let events = told(&app);
    let place = |name: &str| {
        events
            .iter()
            .rposition(|event| event.ends_with(name))
            .unwrap()
    };
    assert!(
        place("account_reauthorized") < place("account_updated"),
        "{events:?}"
    );
}
