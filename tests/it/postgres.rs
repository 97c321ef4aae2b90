//! Several proxies on one PostgreSQL keep every promise that one keeps.

use std::time::Duration;

use mono_connect_tests::{Database, TestApp, Visitor};
use mono_simulator::AccountChange;
use serde_json::{Value, json};

/// Within this time every open page is to be told, on every proxy.
const AT_ONCE: Duration = Duration::from_secs(1);

async fn first_proxy() -> TestApp {
    TestApp::builder()
        .one_proxy()
        .database(Database::Postgres)
        .start()
        .await
}

/// The same browser at another proxy.
fn same_at<'a>(app: &'a TestApp, visitor: &Visitor<'_>) -> Visitor<'a> {
    let mut there = app.newcomer();
    there.cookie.clone_from(&visitor.cookie);
    there
}

#[tokio::test]
async fn a_code_that_two_get_is_exchanged_once() {
    let one = first_proxy().await;
    let two = one.another().await;
    let mut here = one.visitor().await;
    let mut there = same_at(&two, &here);
    for _ in 0..3 {
        one.simulator.clear_requests();
        let reference = here.starts_link().await;
        let code = one.bank_user_links(&reference).await.code;
        let (a, b) = tokio::join!(
            here.exchanges(&code, &reference),
            there.exchanges(&code, &reference)
        );
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201]);
        assert_eq!(a.json()["id"], b.json()["id"]);
        assert_eq!(one.calls("POST", "/v2/accounts/auth"), 1);
    }
}

#[tokio::test]
async fn an_attempt_takes_one_code_of_two() {
    let one = first_proxy().await;
    let two = one.another().await;
    let mut here = one.visitor().await;
    let mut there = same_at(&two, &here);
    let reference = here.starts_link().await;
    let first = one.bank_user_links(&reference).await.code;
    let second = one.bank_user_links(&reference).await.code;
    let (a, b) = tokio::join!(
        here.exchanges(&first, &reference),
        there.exchanges(&second, &reference)
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(one.calls("POST", "/v2/accounts/auth"), 1);
}

#[tokio::test]
async fn one_manual_sync_in_two_minutes() {
    let one = TestApp::builder()
        .database(Database::Postgres)
        .generation("v1")
        .start()
        .await;
    let two = one.another().await;
    let mut here = one.visitor().await;
    let mut there = same_at(&two, &here);
    let id = here.links_and_waits().await;
    one.advance(Duration::from_mins(5)).await;
    let path = format!("/api/accounts/{id}/sync");
    let (a, b) = tokio::join!(here.post(&path).send(), there.post(&path).send());
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429]);
    assert_eq!(one.calls("POST", "/accounts/*/sync"), 1);

    one.advance(Duration::from_secs(119)).await;
    there.post(&path).send().await.assert_status(429);
    one.advance(Duration::from_secs(1)).await;
    there.post(&path).send().await.assert_status(200);
}

#[tokio::test]
async fn one_real_time_job_is_shared() {
    let one = first_proxy().await;
    let two = one.another().await;
    let mut here = one.visitor().await;
    let mut there = same_at(&two, &here);
    let id = here.links_and_waits().await;
    one.simulator.clear_requests();
    let path = format!("/api/accounts/{id}/balance?realtime=true");
    let (a, b) = tokio::join!(here.get(&path).send(), there.get(&path).send());
    let job = |answer: &Value| answer["freshness"]["job"]["id"].clone();
    let jobs = [job(&a.assert_status(200)), job(&b.assert_status(200))];
    assert!(jobs[0].is_string() && jobs[0] == jobs[1], "{jobs:?}");
    let requests = one.simulator.requests();
    let started = requests.iter().filter(|request| {
        let real_time = request.headers.get("x-realtime");
        real_time.is_some_and(|value| value == "true")
    });
    assert_eq!(started.count(), 1);
}

#[tokio::test]
async fn an_event_is_applied_once() {
    let one = TestApp::builder()
        .database(Database::Postgres)
        .webhooks()
        .start()
        .await;
    let two = one.another().await;
    let mut here = one.visitor().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(here.links().await["id"].as_str().unwrap().to_owned());
    }
    one.work().await;
    one.simulator.clear_requests();
    one.advance(Duration::from_secs(3)).await;
    assert_eq!(one.store.inbox_backlog().await.unwrap().events, 4);
    tokio::join!(one.work(), two.work());
    assert_eq!(one.store.inbox_backlog().await.unwrap().events, 0);
    for id in &ids {
        let path = format!("/v2/accounts/{id}");
        assert_eq!(one.calls("GET", &path), 1, "confirmed once");
    }
    let list = here.get("/api/accounts").send().await.assert_status(200);
    for account in list["accounts"].as_array().unwrap() {
        assert_eq!(account["data_status"], "AVAILABLE");
    }
}

#[tokio::test]
async fn the_same_event_told_to_two_is_kept_once() {
    let one = first_proxy().await;
    let two = one.another().await;
    let body = json!({"event": "mono.events.later", "event_id": "e1", "data": {}}).to_string();
    let tell = async |app: &TestApp| {
        let mut mono = app.newcomer();
        let call = mono
            .post("/webhooks/mono")
            .header("mono-webhook-secret", "webhook_secret_simulator")
            .body("application/json", body.clone());
        call.send().await.status
    };
    assert_eq!(tokio::join!(tell(&one), tell(&two)), (200, 200));
    assert_eq!(one.store.inbox_backlog().await.unwrap().events, 1);
}

#[tokio::test]
async fn a_night_syncs_each_account_once() {
    let one = TestApp::builder()
        .database(Database::Postgres)
        .generation("v1")
        .set("SYNC_SCHEDULE", "0 2 * * *")
        .start()
        .await;
    let two = one.another().await;
    let mut here = one.visitor().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let request = json!({"consent": {"version": "1"}});
        let session = here.post("/api/link-sessions").json(&request).await;
        let session = session.assert_status(201);
        let reference = session["reference"].as_str().unwrap();
        let code = one.bank_user_links(reference).await.code;
        let account = here.exchanges(&code, reference).await.assert_status(201);
        ids.push(account["id"].as_str().unwrap().to_owned());
    }
    one.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    one.advance(Duration::from_hours(15)).await;
    tokio::join!(one.work(), two.work());
    for id in &ids {
        assert_eq!(one.calls("POST", &format!("/accounts/{id}/sync")), 1);
    }
}

#[tokio::test]
async fn a_page_is_told_what_another_proxy_did() {
    let one = first_proxy().await;
    let two = one.another().await;
    let mut here = one.visitor().await;
    let there = same_at(&two, &here);
    for cut in [false, true] {
        if cut {
            one.cut_database().await;
            // Every connection that was cut may disappoint one call.
            for app in [&one, &two] {
                for _ in 0..16 {
                    drop(app.store.ping().await);
                }
            }
        }
        let mut page = there.watches(None).await;
        page.next().await.named("snapshot");
        let account = here.links().await;
        let told = page.next_where("account", |told| told["id"] == account["id"]);
        tokio::time::timeout(AT_ONCE, told).await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_in_memory_ends_with_a_fact_that_another_proxy_learns() {
    let one = TestApp::builder()
        .database(Database::Postgres)
        .webhooks()
        .start()
        .await;
    let two = one.another().await;
    let mut here = one.visitor().await;
    let mut there = same_at(&two, &here);
    let id = here.links_and_waits().await;
    one.work().await;
    let mut page = there.watches(None).await;
    page.next().await.named("snapshot");
    let path = format!("/api/accounts/{id}/balance");
    let source = |answer: &Value| answer["freshness"]["source"].clone();
    let read = there.get(&path).send().await.assert_status(200);
    assert_eq!(source(&read), "mono");
    let read = there.get(&path).send().await.assert_status(200);
    assert_eq!(source(&read), "cache");

    let change = AccountChange {
        balance: Some(4_711),
        ..AccountChange::default()
    };
    one.simulator.change_account(&id, change).unwrap();
    here.get(&format!("{path}?realtime=true"))
        .send()
        .await
        .assert_status(200);
    one.advance(Duration::from_secs(10)).await;
    one.work().await;
    // Whoever is told has forgotten before.
    page.next_where("job", |job| job["job"]["status"] == "finished")
        .await;
    let read = there.get(&path).send().await.assert_status(200);
    assert_eq!(
        (source(&read), &read["balance"]),
        (json!("mono"), &json!(4_711))
    );
}

#[tokio::test]
async fn a_page_goes_on_at_another_proxy() {
    let one = first_proxy().await;
    let two = one.another().await;
    let mut here = one.visitor().await;
    here.links().await;
    let mut page = here.watches(None).await;
    let snapshot = page.next().await;
    drop(page);
    let missed = here.links().await;
    let mut page = same_at(&two, &here).watches(Some(&snapshot.id)).await;
    let told = page.next().await.named("account");
    assert_eq!(told["id"], missed["id"]);
}
