//! `GET /api/accounts/{id}/statement`.

use mono_connect_tests::TestApp;
use mono_simulator::{Fault, FaultKind};
use serde_json::json;

use super::{monos, says};

#[tokio::test]
async fn holds_the_rows_of_the_months_that_were_asked_for() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let mut counts = Vec::new();
        for (period, days) in [("last1month", 31), ("last12months", 365)] {
            let path = format!("/api/accounts/{id}/statement?period={period}");
            let statement = visitor.get(&path).send().await.assert_status(200);
            let rows = statement["transactions"].as_array().unwrap();
            assert_eq!(statement["count"], rows.len(), "{generation}");
            assert_eq!(statement["requested_days"], days, "{generation}");
            assert!(statement["available_days"].as_u64().unwrap() >= 364);
            assert_eq!(statement["skipped"], 0);
            assert_eq!(
                statement["freshness"],
                json!({"source": "mono", "as_of": "2026-01-27T10:00:10Z",
                       "has_new_data": null, "job": null})
            );
            for row in rows {
                assert!(row["id"].is_string(), "{row}");
                assert_eq!(row["currency"], "NGN", "{row}");
                assert!(row["amount"].as_i64().unwrap() > 0, "{row}");
                assert!(matches!(row["type"].as_str(), Some("debit" | "credit")));
            }
            counts.push(rows.len());
        }
        assert!(counts[0] > 0 && counts[1] > counts[0], "{counts:?}");
        let asked = app
            .simulator
            .requests_to("GET", &monos(generation, "statement"));
        let asked = serde_json::to_value(&asked).unwrap().to_string();
        assert!(asked.contains("last1month") && asked.contains("last12months"));
    }
}

#[tokio::test]
async fn reaches_half_a_year_back_unless_told() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/statement");
    let plain = visitor.get(&path).send().await.assert_status(200);
    let path = format!("{path}?period=last6months");
    let told = visitor.get(&path).send().await.assert_status(200);
    assert_eq!(plain, told);
}

#[tokio::test]
async fn a_period_is_one_of_twelve_words() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.clear_requests();
    for (query, field) in [
        ("period=last0months", "period"),
        ("period=last13months", "period"),
        ("period=last6month", "period"),
        ("period=6", "period"),
        ("period=", "period"),
        ("period=last1month&period=last1month", "period"),
        ("output=pdf", "output"),
        ("period=last1month%26output=pdf", "period"),
    ] {
        let path = format!("/api/accounts/{id}/statement?{query}");
        let answer = visitor.get(&path).send().await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.wrong_fields(), [field], "{query}");
    }
    assert_eq!(app.all_calls(), 0);
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_left_out_and_counted() {
    let good = json!({"id": "r1", "type": "debit", "amount": 5, "balance": null,
                      "date": "2025-12-01T00:00:00Z", "narration": "POS", "later": {"a": 1}});
    let bad =
        json!({"id": "r2", "type": "debit", "amount": "CANARY", "date": "2025-12-01T00:00:00Z"});
    for generation in ["v2", "v1"] {
        let app = TestApp::builder()
            .set("CACHE_TTL", "0")
            .generation(generation)
            .start()
            .await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let body = if generation == "v2" {
            json!({"status": "successful", "data": {"count": 2, "requested_length": null,
                   "available_length": "90", "statement": [good, bad]}})
        } else {
            json!({"meta": {"count": 2, "available_length": 90}, "data": [good, bad]})
        };
        app.simulator
            .fault(says(&body).on(&monos(generation, "statement")));
        let path = format!("/api/accounts/{id}/statement?period=last1month");
        let answer = visitor.get(&path).send().await;
        let statement = answer.assert_status(200);
        assert!(!answer.body.contains("CANARY"));
        assert_eq!(
            (&statement["count"], &statement["skipped"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(statement["requested_days"], json!(null));
        assert_eq!(statement["available_days"], 90);
        assert_eq!(
            statement["transactions"],
            json!([{"id": "r1", "type": "debit", "amount": 5, "narration": "POS", "balance": null,
                    "date": "2025-12-01T00:00:00Z", "currency": "NGN", "category": null}])
        );
        // A list of which nothing makes sense is no statement, but for a single row.
        let body = if generation == "v2" {
            json!({"data": {"statement": [bad, bad]}})
        } else {
            json!({"data": [bad, bad]})
        };
        app.simulator
            .fault(says(&body).on(&monos(generation, "statement")));
        visitor
            .get(&path)
            .send()
            .await
            .assert_problem(502, "upstream_error");
        let body = json!({"data": [bad]});
        app.simulator
            .fault(says(&body).on(&monos(generation, "statement")));
        let alone = visitor.get(&path).send().await.assert_status(200);
        assert_eq!(
            (&alone["transactions"], &alone["skipped"]),
            (&json!([]), &json!(1))
        );
    }
}

#[tokio::test]
async fn a_read_is_tried_again_and_the_start_of_a_pdf_is_not() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = format!("/api/accounts/{id}/statement?period=last1month");
    app.simulator.clear_requests();
    app.simulator
        .fault(Fault::next(FaultKind::Reset).on(&monos("v2", "statement")));
    visitor.get(&path).send().await.assert_status(200);
    assert_eq!(app.calls("GET", &monos("v2", "statement")), 2);
    app.simulator.clear_requests();
    app.simulator
        .fault(Fault::next(FaultKind::Reset).on(&monos("v2", "statement")));
    visitor
        .post(&format!("/api/accounts/{id}/statement-pdfs"))
        .json(&json!({"period": "last1month"}))
        .await
        .assert_problem(502, "upstream_error");
    assert_eq!(app.calls("GET", &monos("v2", "statement")), 1);
}
