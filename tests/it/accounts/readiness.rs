//! Empty is not true: what Mono has not fetched is never handed on as data, whatever is asked for.

use std::time::Duration;

use axum::http::Method;
use mono_connect_tests::{Answer, TestApp, Visitor};
use mono_simulator::{AccountChange, Fault, FaultKind};
use serde_json::{Value, json};

use super::{monos, says};

/// What is asked for, and the end of Mono's path for it.
const DATA: [(&str, &str); 9] = [
    ("balance", "balance"),
    ("transactions", "transactions"),
    ("statement", "statement"),
    ("statement-pdfs", "statement"),
    ("credits", "credits"),
    ("debits", "debits"),
    ("identity", "identity"),
    ("assets", "assets"),
    ("earnings", "earnings"),
];

/// Those whose answer is a list, and the name of the list.
const LISTS: [(&str, &str); 6] = [
    ("transactions", "transactions"),
    ("statement", "transactions"),
    ("credits", "history"),
    ("debits", "history"),
    ("assets", "assets"),
    ("earnings", "earnings"),
];

async fn ask(visitor: &mut Visitor<'_>, id: &str, what: &str) -> Answer {
    let path = format!("/api/accounts/{id}/{what}");
    if what == "statement-pdfs" {
        let body = json!({"period": "last1month"});
        return visitor.call(Method::POST, &path).json(&body).await;
    }
    visitor.get(&path).send().await
}

#[tokio::test]
async fn data_is_not_asked_for_before_it_is_there() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        for (what, upstream) in DATA {
            let answer = ask(&mut visitor, &id, what).await;
            let problem = answer.assert_problem(409, "data_not_ready");
            assert_eq!(problem["data_status"], "PROCESSING", "{what}");
            assert_eq!(app.calls("GET", &monos(generation, upstream)), 0, "{what}");
        }
        app.advance(Duration::from_secs(10)).await;
        for (what, _) in DATA {
            let status = ask(&mut visitor, &id, what).await.status;
            assert!(matches!(status, 200 | 202), "{generation} {what}: {status}");
        }
    }
}

#[tokio::test]
async fn nothing_from_mono_is_no_data() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        for (what, upstream) in DATA {
            // The first generation has no call for the balance: it is part of the details.
            let upstream = match (generation, upstream) {
                ("v1", "balance") => "/accounts/*".to_owned(),
                (_, upstream) => monos(generation, upstream),
            };
            app.simulator
                .fault(Fault::next(FaultKind::NullData).on(&upstream));
            let answer = ask(&mut visitor, &id, what).await;
            answer.assert_problem(409, "data_not_ready");
            let status = ask(&mut visitor, &id, what).await.status;
            assert!(matches!(status, 200 | 202), "{generation} {what}: {status}");
        }
    }
}

/// Answers to each question that hold no rows.
fn empty(what: &str) -> Value {
    match what {
        "transactions" => json!({"data": [], "meta": {"total": 0, "page": 1, "next": null}}),
        "statement" => json!({"data": {"count": 0, "statement": []}}),
        "assets" => json!({"data": {"balances": {}, "assets": []}}),
        "earnings" => json!({"data": []}),
        _ => json!({"data": {"total": 0, "history": []}}),
    }
}

#[tokio::test]
async fn an_empty_list_counts_only_where_transactions_were_fetched() {
    let app = TestApp::start().await;
    for (retrieved, true_when_empty) in [
        (json!([]), false),
        (json!(["balance"]), false),
        (json!(["identity", "balance"]), false),
        (json!(["transactions"]), true),
    ] {
        let mut visitor = app.visitor().await;
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        let details = json!({"data": {
            "account": {"id": id, "name": "Samuel Olamide", "currency": "NGN", "balance": 1},
            "meta": {"data_status": "PARTIAL", "retrieved_data": retrieved},
        }});
        app.advance(Duration::from_secs(10)).await;
        app.simulator
            .fault(says(&details).on(&format!("/v2/accounts/{id}")));
        let account = visitor.get(&format!("/api/accounts/{id}")).send().await;
        assert_eq!(account.assert_status(200)["data_status"], "PARTIAL");
        for (what, _) in LISTS {
            app.simulator
                .fault(says(&empty(what)).on(&monos("v2", what)));
            let answer = ask(&mut visitor, &id, what).await;
            if true_when_empty {
                answer.assert_status(200);
            } else {
                let problem = answer.assert_problem(409, "data_not_ready");
                assert_eq!(problem["data_status"], "PARTIAL", "{what}");
            }
        }
    }
}

#[tokio::test]
async fn a_balance_that_is_null_counts_only_where_the_balance_was_fetched() {
    let app = TestApp::start().await;
    for (retrieved, status) in [
        (json!(["transactions"]), 409),
        (json!(["balance", "transactions"]), 200),
    ] {
        let mut visitor = app.visitor().await;
        let id = visitor.links().await["id"].as_str().unwrap().to_owned();
        let details = json!({"data": {
            "account": {"id": id, "name": "Samuel Olamide", "currency": "NGN"},
            "meta": {"data_status": "PARTIAL", "retrieved_data": retrieved},
        }});
        app.advance(Duration::from_secs(10)).await;
        app.simulator
            .fault(says(&details).on(&format!("/v2/accounts/{id}")));
        let nothing = json!({"data": {"id": id, "balance": null, "currency": "NGN"}});
        for query in ["", "?realtime=true"] {
            app.simulator
                .fault(says(&nothing).on(&format!("/v2/accounts/{id}/balance")));
            let path = format!("/api/accounts/{id}/balance{query}");
            let answer = visitor.get(&path).send().await;
            assert_eq!(answer.status, status, "{query}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn an_account_without_movements_is_empty() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let change = AccountChange {
        data_status: Some("AVAILABLE".to_owned()),
        ..Default::default()
    };
    app.simulator.change_account(&id, change).unwrap();
    for (what, list) in LISTS {
        app.simulator
            .fault(says(&empty(what)).on(&monos("v2", what)));
        let answer = ask(&mut visitor, &id, what).await.assert_status(200);
        assert_eq!(answer[list], json!([]), "{what}");
    }
}
