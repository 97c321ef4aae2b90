//! `GET /api/accounts` and `GET /api/accounts/{id}`.

use std::time::Duration;

use mono_connect_tests::TestApp;
use mono_simulator::AccountChange;
use mono_simulator::{Fault, FaultKind};

#[tokio::test]
async fn mono_is_asked_while_processing_at_most_every_five_seconds() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    app.simulator
        .change_settings(|settings| settings.processing_time = Duration::from_mins(1));
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/accounts/{id}");
    let details = format!("/v2/accounts/{id}");
    app.simulator.clear_requests();

    for (seconds, calls) in [(0, 1), (0, 1), (4, 1), (1, 2), (4, 2), (1, 3)] {
        app.advance(Duration::from_secs(seconds)).await;
        let account = visitor.get(&path).send().await.assert_status(200);
        assert_eq!(account["data_status"], "PROCESSING");
        assert_eq!(app.calls("GET", &details), calls);
    }
    app.advance(Duration::from_mins(1)).await;
    let account = visitor.get(&path).send().await.assert_status(200);
    assert_eq!(account["data_status"], "AVAILABLE");
    assert_eq!(account["data_available"], true);
    assert!(account["balance"].is_i64());
    assert_eq!(account["updated_at"], "2026-01-27T10:01:10Z");

    // Once it is there, Mono is not asked any more.
    app.advance(Duration::from_mins(1)).await;
    visitor.get(&path).send().await.assert_status(200);
    assert_eq!(app.calls("GET", &details), 4);
}

#[tokio::test]
async fn many_at_once_ask_mono_once() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    app.simulator.clear_requests();
    let path = format!("/api/accounts/{id}");
    futures_util::future::join_all((0..10).map(|_| {
        let mut window = visitor.same();
        let path = path.clone();
        async move { window.get(&path).send().await.assert_status(200) }
    }))
    .await;
    assert_eq!(app.all_calls(), 1);
}

#[tokio::test]
async fn a_silent_mono_does_not_hide_what_is_known() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    app.simulator
        .fault(Fault::next(FaultKind::Html { code: 502 }).times(0));
    let account = visitor
        .get(&format!("/api/accounts/{id}"))
        .send()
        .await
        .assert_status(200);
    assert_eq!(account["name"], "SAMUEL OLAMIDE");
}

#[tokio::test]
async fn a_later_word_of_monos_is_passed_on() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    let change = AccountChange {
        data_status: Some("reconciling".to_owned()),
        ..AccountChange::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    let account = visitor
        .get(&format!("/api/accounts/{id}"))
        .send()
        .await
        .assert_status(200);
    assert_eq!(account["data_status"], "RECONCILING");
    assert_eq!(account["data_available"], false);
}

#[tokio::test]
async fn both_spellings_of_the_bank_code_are_read() {
    for camel in [true, false] {
        let app = TestApp::start().await;
        app.simulator
            .change_settings(|settings| settings.dialect.camel_bank_code = camel);
        let account = app.visitor().await.links().await;
        assert_eq!(account["institution"]["bank_code"], "058");
    }
}

#[tokio::test]
async fn accounts_come_in_the_order_of_linking() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(visitor.links().await["id"].clone());
        app.advance(Duration::from_secs(1)).await;
    }
    let list = visitor.get("/api/accounts").send().await.assert_status(200);
    let listed: Vec<_> = list["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["id"].clone())
        .collect();
    assert_eq!(listed, ids);
}
