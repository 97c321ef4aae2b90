//! `GET /api/accounts/{id}/identity`.

use mono_connect_tests::TestApp;
use serde_json::{Value, json};

use super::{monos, says};

#[tokio::test]
async fn names_the_holder_and_four_digits_of_the_number() {
    for generation in ["v2", "v1"] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        let path = format!("/api/accounts/{id}/identity");
        let answer = visitor.get(&path).send().await;
        let holder = answer.assert_status(200);
        assert_eq!(holder["full_name"], "Samuel Olamide", "{generation}");
        assert_eq!(holder["marital_status"], "single");
        for field in ["email", "phone", "gender", "date_of_birth", "address"] {
            assert!(holder[field].is_string(), "{generation} {field}: {holder}");
        }
        let bvn = holder["bvn_last4"].as_str().unwrap();
        assert!(bvn.len() == 4 && bvn.bytes().all(|digit| digit.is_ascii_digit()));
        assert_eq!(holder.as_object().unwrap().len(), 8, "{holder}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        // Once read, it is known for a while.
        let again = visitor.get(&path).send().await.assert_status(200);
        assert_eq!(again, holder);
        assert_eq!(app.calls("GET", &monos(generation, "identity")), 1);
    }
}

#[tokio::test]
async fn never_passes_on_a_whole_number() {
    let app = TestApp::builder().set("CACHE_TTL", "0").start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for (number, told) in [
        (json!("22212345678"), json!("5678")),
        (json!(22_212_345_678_u64), json!("5678")),
        (json!("5678"), json!("5678")),
        (Value::Null, Value::Null),
    ] {
        let body = json!({"data": {"full_name": "Ada Obi", "bvn": number, "nin": "22212345678"}});
        app.simulator
            .fault(says(&body).on(&monos("v2", "identity")));
        let path = format!("/api/accounts/{id}/identity");
        let answer = visitor.get(&path).send().await;
        assert_eq!(
            answer.assert_status(200),
            json!({"full_name": "Ada Obi", "email": null, "phone": null, "gender": null,
                   "date_of_birth": null, "bvn_last4": told, "address": null,
                   "marital_status": null})
        );
        assert!(!answer.body.contains("22212345678"));
    }
}

#[tokio::test]
async fn a_bank_that_tells_nothing_has_no_identity() {
    for (generation, body) in [
        ("v2", json!({"status": "successful", "data": {}})),
        ("v2", json!({"data": {"full_name": null, "bvn": ""}})),
        ("v1", json!({})),
    ] {
        let app = TestApp::builder().generation(generation).start().await;
        let mut visitor = app.visitor().await;
        let id = visitor.links_and_waits().await;
        app.simulator
            .fault(says(&body).on(&monos(generation, "identity")));
        let path = format!("/api/accounts/{id}/identity");
        let answer = visitor.get(&path).send().await;
        answer.assert_problem(409, "data_not_ready");
    }
}

#[tokio::test]
async fn takes_no_parameters() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    for what in ["identity", "income", "assets", "earnings"] {
        let path = format!("/api/accounts/{id}/{what}?period=12");
        let answer = visitor.get(&path).send().await;
        answer.assert_problem(400, "invalid_request");
        assert_eq!(answer.wrong_fields(), ["period"]);
    }
}
