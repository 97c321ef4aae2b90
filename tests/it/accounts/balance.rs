//! `GET /api/accounts/{id}/balance`.

use std::time::Duration;

use mono_connect_tests::TestApp;
use mono_simulator::{AccountChange, Fault, FaultKind};
use serde_json::{Value, json};

#[tokio::test]
async fn is_monos_to_the_kobo() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let change = AccountChange {
            balance: Some(9_007_199_254_740_991),
            ..Default::default()
        };
        app.simulator.change_account(&id, change).unwrap();
        let path = format!("/api/accounts/{id}/balance");
        let balance = visitor.get(&path).send().await.assert_status(200);
        assert_eq!(
            balance,
            json!({
                "balance": 9_007_199_254_740_991_i64,
                "currency": "NGN",
                "freshness": {
                    "source": "mono",
                    "as_of": "2026-01-27T10:00:10Z",
                    "has_new_data": null,
                    "job": null,
                },
            })
        );
    }
}

#[tokio::test]
async fn is_not_answered_before_mono_has_it() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    for path in ["balance", "transactions"] {
        let path = format!("/api/accounts/{id}/{path}");
        let problem = visitor
            .get(&path)
            .send()
            .await
            .assert_problem(409, "data_not_ready");
        assert_eq!(problem["data_status"], "PROCESSING");
    }
    // Whoever asks for data and not for the status is not kept waiting for ever.
    app.advance(Duration::from_secs(10)).await;
    visitor
        .get(&format!("/api/accounts/{id}/balance"))
        .send()
        .await
        .assert_status(200);
}

#[tokio::test]
async fn nothing_from_mono_is_not_passed_off_as_data() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for path in ["balance", "transactions"] {
        let upstream = format!("/v2/accounts/*/{path}");
        app.simulator
            .fault(Fault::next(FaultKind::NullData).on(&upstream));
        let path = format!("/api/accounts/{id}/{path}");
        visitor
            .get(&path)
            .send()
            .await
            .assert_problem(409, "data_not_ready");
        visitor.get(&path).send().await.assert_status(200);
    }
    for status in ["FAILED", "UNAVAILABLE", "PROCESSING"] {
        let mut visitor = app.visitor().await;
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        let change = AccountChange {
            data_status: Some(status.to_owned()),
            ..Default::default()
        };
        app.simulator.change_account(&id, change).unwrap();
        let path = format!("/api/accounts/{id}/balance");
        let problem = visitor
            .get(&path)
            .send()
            .await
            .assert_problem(409, "data_not_ready");
        assert_eq!(problem["data_status"], status);
    }
}

#[tokio::test]
async fn the_account_says_what_its_balance_says() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let mut page = visitor.watches(None).await;
    page.next().await.named("snapshot");
    for (balance, query) in [(4_711, ""), (815, "?realtime=true")] {
        app.advance(Duration::from_mins(20)).await;
        let path = format!("/api/accounts/{id}");
        let answer = json!({"data": {"id": id, "balance": balance, "currency": "NGN"}});
        app.simulator
            .fault(super::says(&answer).on(&format!("/v2/accounts/{id}/balance")));
        let read = visitor.get(&format!("{path}/balance{query}")).send().await;
        assert_eq!(read.assert_status(200)["balance"], balance);
        let account = visitor.get(&path).send().await.assert_status(200);
        assert_eq!(account["balance"], balance);
        page.next_where("account", |account| account["balance"] == balance)
            .await;
    }
}

#[tokio::test]
async fn partial_data_is_data() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links().await["id"].as_str().unwrap().to_owned();
    let change = AccountChange {
        data_status: Some("PARTIAL".to_owned()),
        ..Default::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    let account = visitor
        .get(&format!("/api/accounts/{id}"))
        .send()
        .await
        .assert_status(200);
    assert_eq!(
        (&account["data_status"], &account["data_available"]),
        (&json!("PARTIAL"), &Value::Bool(true))
    );
}

#[tokio::test]
async fn parameters_are_checked() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for (query, field) in [
        ("realtime=yes", "realtime"),
        ("real-time=true", "real-time"),
        ("x", "x"),
    ] {
        let answer = visitor
            .get(&format!("/api/accounts/{id}/balance?{query}"))
            .send()
            .await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.wrong_fields(), [field]);
    }
    let path = format!("/api/accounts/{id}/balance?realtime=false");
    visitor.get(&path).send().await.assert_status(200);
}

#[tokio::test]
async fn v1_has_no_real_time() {
    let app = TestApp::builder().generation("v1").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for path in ["balance", "transactions"] {
        let path = format!("/api/accounts/{id}/{path}?realtime=true");
        visitor
            .get(&path)
            .send()
            .await
            .assert_problem(501, "not_supported");
    }
}
