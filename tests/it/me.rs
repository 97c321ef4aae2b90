//! `/api/me`: what is kept of the caller, taken away and erased by the caller.

use std::time::Duration;

use axum::http::Method;
use mono_connect_tests::{Answer, Database, TestApp, TestAppBuilder, Visitor};
use mono_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

async fn export(visitor: &mut Visitor<'_>) -> Value {
    let export = visitor.get("/api/me/export").send().await;
    export.assert_status(200)
}

async fn erase(visitor: &mut Visitor<'_>) -> Answer {
    visitor.call(Method::DELETE, "/api/me").send().await
}

#[tokio::test]
async fn the_caller_gets_everything_that_is_kept_and_nothing_of_others() {
    let app = TestApp::start().await;
    let (mut ada, mut bob) = (app.visitor().await, app.visitor().await);
    let request = json!({"consent": {"version": "2026-01", "purpose": "budgeting"}});
    let started = ada.post("/api/link-sessions").json(&request).await;
    let reference = started.assert_status(201)["reference"].clone();
    let reference = reference.as_str().unwrap();
    let linked = app.bank_user_links(reference).await;
    let account = ada.exchanges(&linked.code, reference).await;
    let id = account.assert_status(201)["id"].clone();
    let of_bob = bob.links_and_waits().await;

    let of_ada = export(&mut ada).await;
    let own = ada.get("/api/accounts").send().await.json();
    assert_eq!(of_ada["accounts"], own["accounts"]);
    assert_eq!(of_ada["consents"][0]["purpose"], "budgeting");
    assert_eq!(of_ada["link_attempts"][0]["reference"], reference);
    assert_eq!(of_ada["code_exchanges"][0]["account_id"], id);
    assert!(!of_ada.to_string().contains(&linked.code), "never the code");
    let of_bob_exported = export(&mut bob).await;
    assert!(!of_ada.to_string().contains(&of_bob));
    assert!(of_bob_exported.to_string().contains(&of_bob));
    assert_ne!(of_ada["user_id"], of_bob_exported["user_id"]);

    // A page asks as for everything else: with the header, as somebody.
    let bare = ada.get("/api/me/export").without("x-mono-connect");
    bare.send().await.assert_problem(403, "forbidden_origin");
    let bare = ada
        .call(Method::DELETE, "/api/me")
        .without("x-mono-connect");
    bare.send().await.assert_problem(403, "forbidden_origin");
    let mut nobody = app.newcomer();
    let answer = nobody.get("/api/me/export").send().await;
    answer.assert_problem(401, "unauthenticated");
    erase(&mut nobody)
        .await
        .assert_problem(401, "unauthenticated");
    assert_eq!(export(&mut ada).await["accounts"], own["accounts"]);
}

#[tokio::test]
async fn the_caller_is_unlinked_and_erased_and_the_session_ends() {
    let app = TestApp::start().await;
    let (mut ada, mut bob) = (app.visitor().await, app.visitor().await);
    let gone = ada.links_and_waits().await;
    let stays = bob.links_and_waits().await;
    let mut page = ada.watches(None).await;
    page.next_of("snapshot").await;
    let mut window = ada.same();

    let answer = erase(&mut ada).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(
        answer.header("set-cookie"),
        Some("mono_connect_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0")
    );
    let at_mono = app.simulator.account(&gone).unwrap();
    assert!(!at_mono["unlinked_at"].is_null(), "{at_mono}");
    assert_eq!(page.next_of("removed").await["account_id"], gone);
    let left = export(&mut window).await;
    for part in [
        "accounts",
        "consents",
        "link_attempts",
        "code_exchanges",
        "jobs",
    ] {
        assert_eq!(left[part], json!([]), "{part}");
    }
    // Once more does no harm.
    assert_eq!(erase(&mut window).await.status, 204);
    let own = bob.get("/api/accounts").send().await.json();
    assert_eq!(own["accounts"][0]["id"], stays);
}

#[tokio::test]
async fn over_https_the_same_cookie_is_taken_away() {
    let app = TestApp::builder()
        .set("PUBLIC_URL", "https://bank.example")
        .start()
        .await;
    let mut ada = app.visitor().await;
    let answer = erase(&mut ada).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-Http-mono_connect_session=;"),
        "{cookie}"
    );
    assert!(
        cookie.contains("; Secure") && cookie.ends_with("; Max-Age=0"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_login_of_the_sites_own_does_not_end() {
    let app = TestApp::builder()
        .set("AUTH_MODE", "forwarded")
        .set("FORWARDED_TRUSTED_PROXIES", "10.0.0.0/8")
        .start()
        .await;
    let mut ada = app.newcomer();
    let call = ada.call(Method::DELETE, "/api/me").from("10.0.0.1");
    let answer = call.header("x-forwarded-user", "ada").send().await;
    assert_eq!((answer.status, answer.header("set-cookie")), (204, None));
}

#[tokio::test]
async fn what_mono_does_not_unlink_is_told_and_the_session_goes_on() {
    let app = TestApp::start().await;
    let mut ada = app.visitor().await;
    let id = ada.links_and_waits().await;
    let fault = FaultKind::Status {
        code: 500,
        body: Some("{}".to_owned()),
        content_type: None,
        retry_after: None,
    };
    let path = format!("/v2/accounts/{id}/unlink");
    app.simulator.fault(Fault::next(fault).on(&path).times(0));
    let answer = erase(&mut ada).await;
    answer.assert_problem(502, "upstream_error");
    assert_eq!(answer.wrong_fields(), [id.as_str()]);
    assert_eq!(answer.header("set-cookie"), None);
    app.simulator.clear_faults();
    assert_eq!(erase(&mut ada).await.status, 204);
}

/// Links, reads, syncs, lets Mono tell of it all, and leaves an attempt of which Mono tells too late.
async fn leaves_traces(app: &TestApp, ada: &mut Visitor<'_>) -> Vec<String> {
    let mut marks = Vec::new();
    let id = ada.links_and_waits().await;
    app.work().await;
    let synced = ada.post(&format!("/api/accounts/{id}/sync")).send().await;
    synced.assert_status(200);
    let pdf = json!({"period": "last6months"});
    let pdf = ada
        .post(&format!("/api/accounts/{id}/statement-pdfs"))
        .json(&pdf);
    pdf.await.assert_status(202);
    app.advance_and_work(Duration::from_mins(1)).await;
    let mut session = async || {
        let session = ada.post("/api/link-sessions").json(&json!({})).await;
        let session = session.assert_status(201)["reference"].clone();
        session.as_str().unwrap().to_owned()
    };
    let (late, odd) = (session().await, session().await);
    app.advance(Duration::from_hours(1)).await;
    // Of an attempt that is over, and of one that makes no sense but names the attempt.
    let body = json!({
        "event": "mono.events.account_connected",
        "data": {"account": {"id": "lostaccount", "name": "CANARY LATE"}, "meta": {"ref": late}},
    });
    let unreadable = json!({
        "event": "mono.events.account_updated",
        "data": {"account": {"name": "CANARY ODD"}, "meta": {"ref": odd}},
    });
    let unknown = json!({
        "event": "mono.events.of_a_later_year",
        "data": {"account": {"id": "lostaccount", "name": "CANARY NEW"}},
    });
    for body in [body, unreadable, unknown] {
        let call = ada.post("/webhooks/mono");
        let call = call.header("mono-webhook-secret", "webhook_secret_simulator");
        assert_eq!(call.json(&body).await.status, 200);
    }
    app.work().await;
    let exported = export(ada).await;
    let account = &exported["accounts"][0];
    for mark in [&exported["user_id"], &account["id"]] {
        marks.push(mark.as_str().unwrap().to_owned());
    }
    marks.extend([late, odd].map(String::from));
    marks.extend(["lostaccount", "CANARY LATE", "CANARY ODD", "CANARY NEW"].map(str::to_owned));
    for attempt in exported["link_attempts"].as_array().unwrap() {
        marks.push(attempt["reference"].as_str().unwrap().to_owned());
    }
    marks
}

async fn nothing_is_left(builder: TestAppBuilder) {
    let app = builder.webhooks().start().await;
    let mut ada = app.visitor().await;
    let mut bob = app.visitor().await;
    let stays = bob.links_and_waits().await;
    let marks = leaves_traces(&app, &mut ada).await;
    let before = app.everything_kept().await;
    for mark in &marks {
        assert!(
            before.contains(mark),
            "{mark:?} is looked for in the right place"
        );
    }
    assert_eq!(erase(&mut ada).await.status, 204);
    // What Mono tells of it afterwards goes, too.
    app.advance_and_work(Duration::from_mins(2)).await;
    let after = app.everything_kept().await;
    for mark in &marks {
        assert!(!after.contains(mark), "{mark:?} is still there");
    }
    assert!(after.contains(&stays));
}

#[tokio::test]
async fn no_byte_of_the_file_names_an_erased_user() {
    nothing_is_left(TestApp::builder().database(Database::Sqlite)).await;
}

#[tokio::test]
async fn no_row_of_postgres_names_an_erased_user() {
    nothing_is_left(TestApp::builder().database(Database::Postgres)).await;
}
