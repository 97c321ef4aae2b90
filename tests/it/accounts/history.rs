//! `GET /api/accounts/{id}/credits` and `GET /api/accounts/{id}/debits`.

use std::collections::BTreeMap;

use mono_connect_tests::TestApp;
use serde_json::{Value, json};

use super::{monos, says};

#[tokio::test]
async fn adds_up_what_the_transactions_say() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let path = format!("/api/accounts/{id}/statement?period=last12months");
        let statement = visitor.get(&path).send().await.assert_status(200);
        for (what, kind) in [("credits", "credit"), ("debits", "debit")] {
            let path = format!("/api/accounts/{id}/{what}");
            let answer = visitor.get(&path).send().await.assert_status(200);
            let months = answer["history"].as_array().unwrap();
            let sum: i64 = months
                .iter()
                .map(|month| month["amount"].as_i64().unwrap())
                .sum();
            assert_eq!(answer["total"], sum, "{generation} {what}");
            assert_eq!(answer["skipped"], 0);
            let mut expected: BTreeMap<&str, (i64, u64)> = BTreeMap::new();
            for row in statement["transactions"].as_array().unwrap() {
                let of_month = row["date"].as_str().unwrap().starts_with("2025-12");
                if of_month && row["type"] == kind {
                    let month = expected.entry("12-25").or_default();
                    month.0 += row["amount"].as_i64().unwrap();
                    month.1 += 1;
                }
            }
            let december = months.iter().find(|month| month["period"] == "12-25");
            let (amount, transaction_count) = expected["12-25"];
            assert_eq!(
                december,
                Some(&json!({"period": "12-25", "amount": amount,
                             "transaction_count": transaction_count}))
            );
        }
    }
}

#[tokio::test]
async fn is_read_bare_and_inside_data_and_without_counts() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let bare = json!({"total": 7, "history": [{"amount": 7, "period": "01-20"}, {"amount": 1}]});
    for body in [bare.clone(), json!({"status": "successful", "data": bare})] {
        app.simulator.fault(says(&body).on(&monos("v2", "credits")));
        let path = format!("/api/accounts/{id}/credits");
        let answer = visitor.get(&path).send().await.assert_status(200);
        assert_eq!(
            answer,
            json!({"total": 7, "skipped": 1, "history":
                   [{"period": "01-20", "amount": 7, "transaction_count": Value::Null}]})
        );
    }
}

#[tokio::test]
async fn takes_no_parameters() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for what in ["credits", "debits"] {
        let path = format!("/api/accounts/{id}/{what}?period=last1month");
        let answer = visitor.get(&path).send().await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.wrong_fields(), ["period"]);
    }
}
