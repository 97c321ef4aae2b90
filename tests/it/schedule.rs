//! Background syncs (`SYNC_SCHEDULE`).

use std::time::Duration;

use jiff::SignedDuration;
use mono_connect_proxy::clock::Clock as _;
use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::{Fault, FaultKind};
use serde_json::json;

async fn links_with_consent(app: &TestApp, visitor: &mut Visitor<'_>) -> String {
    let request = json!({"consent": {"version": "1"}});
    let session = visitor
        .post("/api/link-sessions")
        .json(&request)
        .await
        .assert_status(201);
    let reference = session["reference"].as_str().unwrap();
    let code = app.bank_user_links(reference).await.code;
    let account = visitor.exchanges(&code, reference).await.assert_status(201);
    account["id"].as_str().unwrap().to_owned()
}

// The simulated day begins at 10:00 UTC, which is 11:00 in Lagos.
async fn app() -> TestApp {
    TestApp::builder()
        .generation("v1")
        .set("SYNC_SCHEDULE", "0 2 * * *")
        .start()
        .await
}

#[tokio::test]
async fn accounts_with_consent_are_synced_once_a_night() {
    let app = app().await;
    let mut visitor = app.visitor().await;
    let mut with = Vec::new();
    for _ in 0..6 {
        with.push(links_with_consent(&app, &mut visitor).await);
    }
    let without = visitor.links().await["id"].as_str().unwrap().to_owned();
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    app.advance_and_work(Duration::from_hours(14)).await;
    assert_eq!(
        app.calls("POST", "/accounts/*/sync"),
        0,
        "it is one o'clock in Lagos"
    );

    app.advance_and_work(Duration::from_hours(1)).await;
    for id in &with {
        assert_eq!(app.calls("POST", &format!("/accounts/{id}/sync")), 1);
    }
    assert_eq!(app.calls("POST", &format!("/accounts/{without}/sync")), 0);
    app.advance_and_work(Duration::from_mins(30)).await;
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 6);

    app.advance_and_work(Duration::from_mins(24 * 60 - 30))
        .await;
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 12);
}

#[tokio::test]
async fn who_must_log_in_again_is_remembered() {
    let app = app().await;
    let mut visitor = app.visitor().await;
    let id = links_with_consent(&app, &mut visitor).await;
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    let change = mono_simulator::AccountChange {
        reauth_required: Some(true),
        ..Default::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    app.advance_and_work(Duration::from_hours(15)).await;
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["requires_reauth"], true);
    // The next night nobody is asked for nothing.
    app.advance_and_work(Duration::from_hours(24)).await;
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 1);
}

#[tokio::test]
async fn a_night_that_was_missed_is_left_out() {
    let app = app().await;
    let mut visitor = app.visitor().await;
    links_with_consent(&app, &mut visitor).await;
    // The proxy was down from two to six.
    app.advance(Duration::from_hours(19)).await;
    app.work().await;
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 0);
}

#[tokio::test]
async fn whoever_was_claimed_by_a_proxy_that_died_comes_later_that_night() {
    let app = app().await;
    let mut visitor = app.visitor().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(links_with_consent(&app, &mut visitor).await);
    }
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    app.advance(Duration::from_hours(15)).await;
    let now = app.clock.now();
    let until = now + SignedDuration::from_mins(5);
    let claimed = app.store.claim_scheduled_accounts(now, now, until, 2).await;
    assert_eq!(claimed.unwrap().len(), 2);

    app.work().await;
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 1, "the third one");
    app.advance_and_work(Duration::from_mins(4)).await;
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 1);
    app.advance_and_work(Duration::from_mins(1)).await;
    for id in &ids {
        assert_eq!(app.calls("POST", &format!("/accounts/{id}/sync")), 1);
    }
}

#[tokio::test]
async fn whoever_was_asked_about_since_the_run_began_is_not_asked_about_again() {
    let app = app().await;
    let mut visitor = app.visitor().await;
    let id = links_with_consent(&app, &mut visitor).await;
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    app.advance(Duration::from_hours(15)).await;
    let sync = format!("/api/accounts/{id}/sync");
    visitor.post(&sync).send().await.assert_status(200);
    app.advance_and_work(Duration::from_mins(10)).await;
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 1);
}

#[tokio::test]
async fn a_mono_that_cannot_be_asked_is_asked_later_that_night() {
    let app = app().await;
    let mut visitor = app.visitor().await;
    links_with_consent(&app, &mut visitor).await;
    app.simulator
        .change_settings(|settings| settings.refresh_interval = Duration::ZERO);
    let slow_down = FaultKind::Status {
        code: 429,
        body: None,
        content_type: None,
        retry_after: None,
    };
    app.simulator
        .fault(Fault::next(slow_down).on("/accounts/*/sync"));
    app.advance_and_work(Duration::from_hours(15)).await;
    assert_eq!(app.calls("POST", "/accounts/*/sync"), 1);
    for _ in 0..3 {
        app.advance_and_work(Duration::from_mins(5)).await;
    }
    assert_eq!(
        app.calls("POST", "/accounts/*/sync"),
        2,
        "once more, and then no more"
    );
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(list["accounts"][0]["last_sync"]["outcome"], "synced");
}

#[tokio::test]
async fn without_consent_a_new_account_is_looked_after_for_a_day() {
    let app = TestApp::builder().start().await;
    let mut visitor = app.visitor().await;
    // Mono never gets anywhere, and does not say so.
    let still = json!({"status": "successful", "data": {
        "account": {"id": "x"}, "meta": {"data_status": "PROCESSING"},
    }});
    let mut ids = vec![links_with_consent(&app, &mut visitor).await];
    ids.push(visitor.links().await["id"].as_str().unwrap().to_owned());
    for id in &ids {
        let mut body = still.clone();
        body["data"]["account"]["id"] = json!(id);
        let fault = FaultKind::Status {
            code: 200,
            body: Some(body.to_string()),
            content_type: None,
            retry_after: None,
        };
        let details = format!("/v2/accounts/{id}");
        app.simulator
            .fault(Fault::next(fault).on(&details).times(0));
    }
    for _ in 0..30 {
        app.advance_and_work(Duration::from_hours(1)).await;
    }
    app.simulator.clear_requests();
    for _ in 0..6 {
        app.advance_and_work(Duration::from_hours(1)).await;
    }
    let asked = |id: &str| app.calls("GET", &format!("/v2/accounts/{id}"));
    assert!(asked(&ids[0]) >= 5, "{} with consent", asked(&ids[0]));
    assert_eq!(asked(&ids[1]), 0, "without");
    // Whoever looks at it has it asked about all the same.
    let own = format!("/api/accounts/{}", ids[1]);
    visitor.get(&own).send().await.assert_status(200);
    assert_eq!(asked(&ids[1]), 1);
}
