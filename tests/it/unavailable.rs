//! A database that somebody else holds: whoever comes is told to come again, within a bounded time,
//! and afterwards all is as if nothing had been.

use std::time::{Duration, Instant};

use axum::http::Method;
use mono_connect_tests::{Answer, Database, TestApp, Visitor};
use serde_json::{Value, json};

/// Who waits, waits for those before it and then for whoever holds the database: 5 seconds each.
const LONGEST: Duration = Duration::from_secs(12);

fn event(number: u32) -> Value {
    json!({
        "event": "mono.events.account_updated",
        "event_id": format!("evt_{number}"),
        "data": {"account": {"_id": format!("unknown{number}")}},
    })
}

async fn webhook(app: &TestApp, number: u32) -> Answer {
    let mut mono = app.newcomer();
    let call = mono.call(Method::POST, "/webhooks/mono");
    let call = call.header("mono-webhook-secret", "webhook_secret_simulator");
    call.json(&event(number)).await
}

async fn begins(visitor: &Visitor<'_>) -> Answer {
    visitor
        .same()
        .post("/api/link-sessions")
        .json(&json!({}))
        .await
}

fn is_to_come_again(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

/// Links, and is told to come again, while somebody holds what is to be written.
async fn is_refused_and_heals(database: Database, tables: &str) {
    let app = TestApp::builder().database(database).start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let reference = visitor.starts_link().await;
    let code = app.bank_user_links(&reference).await.code;

    let locked = app.locked(tables).await;
    let begun = Instant::now();
    let mut window = visitor.same();
    let (first, second, session, exchange) = futures_util::join!(
        webhook(&app, 1),
        webhook(&app, 2),
        begins(&visitor),
        window.exchanges(&code, &reference),
    );
    assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    for answer in [&first, &second, &session, &exchange] {
        is_to_come_again(answer);
    }
    session.assert_problem(503, "internal");
    let asked = ["/v2/accounts/auth", "/account/auth"].map(|path| app.calls("POST", path));
    assert_eq!(
        asked,
        [1, 0],
        "no code is used up of which nothing can be kept"
    );
    if database == Database::Sqlite {
        // Whoever only reads does not notice.
        let list = visitor.get("/api/accounts").send().await.assert_status(200);
        assert_eq!(list["accounts"][0]["id"], id.as_str());
        let balance = format!("/api/accounts/{id}/balance");
        visitor.get(&balance).send().await.assert_status(200);
    }
    locked.release().await;

    for number in [1, 2, 1] {
        assert_eq!(webhook(&app, number).await.status, 200);
    }
    begins(&visitor).await.assert_status(201);
    let linked = visitor.exchanges(&code, &reference).await;
    let linked = linked.assert_status(201)["id"].clone();
    app.work().await;
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    let ids: Vec<_> = list["accounts"].as_array().unwrap().iter().collect();
    assert_eq!(ids.len(), 2, "{list}");
    assert!(ids.iter().any(|account| account["id"] == id.as_str()));
    assert!(ids.iter().any(|account| account["id"] == linked));
}

#[tokio::test]
async fn a_locked_sqlite_is_a_503_and_heals() {
    is_refused_and_heals(Database::Sqlite, "").await;
}

#[tokio::test]
async fn locked_tables_of_postgres_are_a_503_and_heal() {
    is_refused_and_heals(Database::Postgres, "inbox, link_sessions, exchanges").await;
}

#[tokio::test]
async fn a_locked_accounts_table_of_postgres_holds_up_nothing_for_long() {
    let app = TestApp::builder()
        .database(Database::Postgres)
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let locked = app.locked("accounts").await;
    let begun = Instant::now();
    let mut window = visitor.same();
    let path = format!("/api/accounts/{id}");
    let (list, gone, kept) = futures_util::join!(
        visitor.get("/api/accounts").send(),
        window.call(Method::DELETE, &path).send(),
        webhook(&app, 1),
    );
    assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    list.assert_problem(503, "internal");
    is_to_come_again(&list);
    is_to_come_again(&gone);
    assert_eq!(kept.status, 200, "an event needs no account to be kept");
    locked.release().await;
    visitor.get(&path).send().await.assert_status(200);
}
