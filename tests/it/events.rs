//! `GET /api/events`: a page is told what changes, and nothing else.

use std::time::Duration;

use mono_connect_tests::{Database, TestApp};
use mono_simulator::AccountChange;
use serde_json::{Value, json};

#[tokio::test]
async fn a_snapshot_then_every_change() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let mut page = visitor.watches(None).await;
    assert_eq!(page.next().await.named("snapshot"), json!({"accounts": []}));

    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    let linked = page.next_of("account").await;
    assert_eq!(
        (&linked["id"], &linked["data_status"]),
        (&json!(id), &json!("PROCESSING"))
    );
    app.advance_and_work(Duration::from_secs(5)).await;
    let ready = page
        .next_where("account", |account| account["data_status"] == "AVAILABLE")
        .await;
    assert!(ready["balance"].is_i64());

    let path = format!("/api/accounts/{id}/balance?realtime=true");
    visitor.get(&path).send().await.assert_status(200);
    let job = page.next_of("job").await;
    assert_eq!(
        (&job["account_id"], &job["job"]["status"]),
        (&json!(id), &json!("processing"))
    );
    app.advance_and_work(Duration::from_secs(10)).await;
    page.next_where("job", |job| job["job"]["status"] == "finished")
        .await;

    app.simulator.unlink(&id).await.unwrap();
    app.work().await;
    assert_eq!(page.next_of("removed").await, json!({"account_id": id}));
}

#[tokio::test]
async fn a_page_that_comes_back_gets_what_it_missed() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.work().await;
    let mut page = visitor.watches(None).await;
    let snapshot = page.next().await;
    let last_seen = snapshot.id.clone();
    assert_eq!(snapshot.named("snapshot")["accounts"][0]["id"], id);
    drop(page);

    let change = AccountChange {
        reauth_required: Some(true),
        ..AccountChange::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    app.simulator.refresh(&id).await.unwrap();
    app.advance_and_work(Duration::from_secs(10)).await;
    let mut page = visitor.watches(Some(&last_seen)).await;
    page.next_where("account", |account| account["requires_reauth"] == true)
        .await;

    // What is not known any more, or never was, is answered with everything.
    for unknown in ["-5", "99999", "nonsense"] {
        let mut page = visitor.watches(Some(unknown)).await;
        let snapshot = page.next().await.named("snapshot");
        assert_eq!(snapshot["accounts"][0]["requires_reauth"], true);
    }
}

#[tokio::test]
async fn nobody_sees_anothers_accounts() {
    let app = TestApp::builder().webhooks().start().await;
    let mut ada = app.visitor().await;
    let bob = app.visitor().await;
    let mut page = bob.watches(None).await;
    page.next().await.named("snapshot");
    let mut own = ada.watches(None).await;
    own.next().await.named("snapshot");
    ada.links().await;
    own.next_of("account").await;
    assert!(page.is_quiet().await);
}

#[tokio::test]
async fn without_a_session_there_is_no_stream() {
    let app = TestApp::start().await;
    let answer = app
        .newcomer()
        .get("/api/events")
        .without("x-mono-connect")
        .send()
        .await;
    answer.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn several_changes_of_one_thing_are_told_once() {
    let app = TestApp::builder().webhooks().start().await;
    let mut visitor = app.visitor().await;
    let mut page = visitor.watches(None).await;
    page.next().await.named("snapshot");
    // Nobody reads while all this happens.
    let id = visitor.links_and_waits().await;
    app.work().await;
    let account: Value = page.next_of("account").await;
    assert_eq!(
        (&account["id"], &account["data_status"]),
        (&json!(id), &json!("AVAILABLE"))
    );
    assert!(page.is_quiet().await);
}

#[tokio::test]
async fn a_session_may_watch_from_so_many_pages() {
    let app = TestApp::builder().one_proxy().start().await;
    let mut visitor = app.visitor().await;
    let mut pages = Vec::new();
    for _ in 0..32 {
        pages.push(visitor.watches(None).await);
    }
    visitor
        .get("/api/events")
        .send()
        .await
        .assert_problem(429, "rate_limited");
    pages.pop();
    visitor.watches(None).await;
}

#[tokio::test]
async fn all_sessions_together_may_watch_from_so_many_pages() {
    let app = TestApp::builder().database(Database::Memory).start().await;
    let mut pages = Vec::new();
    for _ in 0..384 {
        let visitor = app.visitor().await;
        for _ in 0..32 {
            pages.push(visitor.watches(None).await);
        }
    }
    let mut late = app.visitor().await;
    let answer = late.get("/api/events").send().await;
    answer.assert_problem(503, "rate_limited");
    assert!(answer.header("retry-after").is_some());
    // Whatever else there is goes on.
    late.get("/api/accounts").send().await.assert_status(200);
    pages.pop();
    late.watches(None).await.next().await.named("snapshot");
}
