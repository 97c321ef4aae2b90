//! `mono.events.account_income`: says that an analysis is over. What it says that was found helps out.

use std::time::Duration;

use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::{Fault, FaultKind, HandmadeWebhook};
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
    assert!(told.contains("SALARY"), "{told}");
    assert_eq!(app.calls("GET", RECORDS), 1);
    let account = visitor.get(&format!("/api/accounts/{id}")).send().await;
    assert!(!account.body.contains("CANARY"), "{}", account.body);
}

/// As Mono documents it.
fn documented(id: &str) -> Value {
    json!({"event": "mono.events.account_income", "data": {
        "account": id, "account_name": "SAMUEL OLAMIDE", "account_number": "0131883461",
        "income_summary": {"total_income": 120_000_000, "employer": "OKORO LTD"},
        "income_streams": [{
            "income_type": "SALARY", "frequency": "MONTHLY", "monthly_average": 10_000_000.5,
            "average_income_amount": 10_000_000, "currency": "NGN", "stability": 0.97,
            "first_income_date": "2025-01-28", "last_income_date": "2025-12-28",
            "last_income_amount": 10_000_000, "number_of_incomes": 12,
        }],
        "annual_income": 120_000_000, "monthly_income": 10_000_000,
    }})
}

fn told() -> Value {
    json!({"status": "ready", "skipped": 0, "records": [{
        "type": "SALARY", "employer": "OKORO LTD", "amount": 10_000_000,
        "monthly_average": 10_000_001, "frequency": "MONTHLY", "currency": "NGN",
        "first_date": "2025-01-28", "last_date": "2025-12-28", "stability": 0.97,
    }]})
}

/// Every answer about what was found is this one.
fn records_are(app: &TestApp, kind: FaultKind) {
    app.simulator.clear_faults();
    app.simulator.fault(Fault::next(kind).on(RECORDS).times(0));
}

fn says(code: u16, body: &str) -> FaultKind {
    FaultKind::Status {
        code,
        body: Some(body.to_owned()),
        content_type: None,
        retry_after: None,
    }
}

#[tokio::test]
async fn what_it_tells_is_shown_where_mono_gives_no_records() {
    let app = TestApp::builder().webhooks().set("CACHE_TTL", "0");
    let app = app.start().await;
    let (mut visitor, id) = analysed(&app).await;
    tell(&app, documented(&id)).await;
    for kind in [
        says(404, r#"{"status":"failed","message":"Not found"}"#),
        FaultKind::NullData,
        FaultKind::MalformedJson,
        says(
            200,
            r#"{"status":"successful","data":{"income_streams":"later"}}"#,
        ),
    ] {
        records_are(&app, kind.clone());
        assert_eq!(income(&mut visitor, &id).await, told(), "{kind:?}");
    }
    // That it could not be asked, or that there is none, is another matter.
    records_are(&app, says(200, r#"{"status":"successful","data":[]}"#));
    assert_eq!(income(&mut visitor, &id).await["records"], json!([]));
    records_are(&app, says(503, "{}"));
    let path = format!("/api/accounts/{id}/income");
    let answer = visitor.get(&path).send().await;
    answer.assert_problem(502, "upstream_error");
}

#[tokio::test]
async fn what_it_tells_survives_later_events_and_details_and_goes_with_the_account() {
    let app = TestApp::builder().webhooks().start().await;
    let (mut visitor, id) = analysed(&app).await;
    tell(&app, documented(&id)).await;
    let mut older = documented(&id);
    older["timestamp"] = json!("2026-01-01T00:00:00Z");
    older["data"]["income_summary"]["employer"] = json!("AN EARLIER ONE");
    tell(&app, older).await;
    let updated = json!({"event": "mono.events.account_updated", "data": {
        "account": {"_id": id, "balance": 7}, "meta": {"data_status": "AVAILABLE"},
    }});
    app.advance(Duration::from_secs(1)).await;
    tell(&app, updated).await;
    records_are(&app, says(404, "{}"));
    assert_eq!(income(&mut visitor, &id).await, told());
    let user = app.store.find_any_account(&id.parse().unwrap()).await;
    let user = user.unwrap().unwrap();
    assert!(user.profile.income.is_some());
    app.simulator.clear_faults();
    let path = format!("/api/accounts/{id}");
    let unlinked = visitor.call(axum::http::Method::DELETE, &path).send().await;
    unlinked.assert_status(204);
    let gone = app.store.find_any_account(&id.parse().unwrap()).await;
    assert!(gone.unwrap().is_none());
}

#[tokio::test]
async fn what_a_record_leaves_open_is_taken_from_it_where_all_else_agrees() {
    let app = TestApp::builder().webhooks().set("CACHE_TTL", "0");
    let app = app.start().await;
    let (mut visitor, id) = analysed(&app).await;
    tell(&app, documented(&id)).await;
    let found = |stream: Value| says(200, &json!({"data": [stream]}).to_string());
    records_are(
        &app,
        found(json!({"income_type": "SALARY", "average_income_amount": 10_000_000})),
    );
    assert_eq!(income(&mut visitor, &id).await, told());
    for other in [
        json!({"income_type": "SALARY", "average_income_amount": 9_000_000}),
        json!({"income_type": "WAGES", "average_income_amount": 10_000_000}),
        json!({"income_type": "SALARY"}),
    ] {
        records_are(&app, found(other.clone()));
        let shown = income(&mut visitor, &id).await;
        assert_eq!(shown["records"][0]["employer"], Value::Null, "{other}");
    }
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
