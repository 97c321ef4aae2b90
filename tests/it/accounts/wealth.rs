//! `GET /api/accounts/{id}/assets` and `GET /api/accounts/{id}/earnings`.

use std::time::Duration;

use mono_connect_tests::{TestApp, Visitor};
use mono_simulator::LinkAs;
use serde_json::{Value, json};

use super::{monos, says};

async fn read(visitor: &mut Visitor<'_>, id: &str, what: &str) -> Value {
    let path = format!("/api/accounts/{id}/{what}");
    visitor.get(&path).send().await.assert_status(200)
}

/// Links an account at the one bank that also keeps a fund.
async fn links_a_fund(app: &TestApp, visitor: &mut Visitor<'_>) -> String {
    let reference = visitor.starts_link().await;
    let who = LinkAs {
        institution: Some("kuda".to_owned()),
        reference: Some(reference.clone()),
        ..LinkAs::default()
    };
    let linked = app.simulator.link(who).await.unwrap();
    let exchange = visitor.exchanges(&linked.code, &reference).await;
    exchange.assert_status(201);
    app.advance(Duration::from_secs(10)).await;
    linked.account_id
}

#[tokio::test]
async fn tells_what_an_account_holds_and_what_that_brought() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let linked_at = app.clock_text();
        let id = links_a_fund(&app, &mut visitor).await;
        let assets = json!({"skipped": 0, "assets": [{
            "name": "Naira Fund", "type": "FUND", "cost": 5_000_000, "return": 412_300,
            "quantity": 50_000.0, "currency": "NGN", "symbol": "NGNF",
            "current_balance": 5_412_300,
        }]});
        let mut earnings = read(&mut visitor, &id, "earnings").await;
        assert!(earnings["earnings"][0]["id"].take().is_string());
        assert_eq!(
            earnings,
            json!({"skipped": 0, "earnings": [{
                "id": null, "amount": 412_300, "narration": "Interest on Naira Fund",
                "date": linked_at, "asset": {"name": "Naira Fund", "symbol": "NGNF"},
            }]})
        );
        for _ in 0..2 {
            assert_eq!(read(&mut visitor, &id, "assets").await, assets);
        }
        assert_eq!(app.calls("GET", &monos(generation, "assets")), 1);
    }
}

#[tokio::test]
async fn an_account_that_holds_nothing_else_says_so() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        assert_eq!(
            read(&mut visitor, &id, "assets").await,
            json!({"assets": [], "skipped": 0})
        );
        assert_eq!(
            read(&mut visitor, &id, "earnings").await,
            json!({"earnings": [], "skipped": 0})
        );
    }
}

#[tokio::test]
async fn rows_that_make_no_sense_are_left_out_and_counted() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let body = json!({"data": {"id": id, "assets": [
        {"name": "Fund", "cost": "a lot"}, 7, {"name": "Shares", "cost": "1200.5"},
    ]}});
    app.simulator.fault(says(&body).on(&monos("v2", "assets")));
    let answer = read(&mut visitor, &id, "assets").await;
    assert_eq!(answer["skipped"], 2, "{answer}");
    assert_eq!(answer["assets"].as_array().unwrap().len(), 1);
    // In the account's currency, because the row names none.
    assert_eq!(answer["assets"][0]["currency"], "NGN");
    let body = json!({"data": [{"id": {}, "amount": []}, {"id": "e1", "amount": 5}]});
    app.simulator
        .fault(says(&body).on(&monos("v2", "earnings")));
    let answer = read(&mut visitor, &id, "earnings").await;
    assert_eq!(
        answer,
        json!({"skipped": 1, "earnings": [{
            "id": "e1", "amount": 5, "narration": null, "date": null,
            "asset": {"name": null, "symbol": null},
        }]})
    );
}
