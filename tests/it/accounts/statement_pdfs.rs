//! `POST /api/accounts/{id}/statement-pdfs` and `GET …/statement-pdfs/{job_id}`.

use std::time::Duration;

use mono_connect_tests::{TestApp, Visitor};
use serde_json::{Value, json};

use super::{monos, says};

async fn starts(visitor: &mut Visitor<'_>, id: &str) -> Value {
    let path = format!("/api/accounts/{id}/statement-pdfs");
    let call = visitor.post(&path);
    call.json(&json!({"period": "last3months"}))
        .await
        .assert_status(202)
}

fn path_of(id: &str, pdf: &Value) -> String {
    let job = pdf["job_id"].as_str().unwrap();
    format!("/api/accounts/{id}/statement-pdfs/{job}")
}

#[tokio::test]
async fn is_built_and_then_found_where_it_says() {
    for generation in ["v2", "v1"] {
        for complete in [false, true] {
            let app = TestApp::builder().generation(generation).start().await;
            app.simulator
                .change_settings(|settings| settings.dialect.pdf_complete = complete);
            let mut visitor = app.visitor().await;
            let id = visitor.links_and_waits().await;
            let pdf = starts(&mut visitor, &id).await;
            let building = json!({"job_id": pdf["job_id"], "status": "building"});
            assert_eq!(pdf, building, "nothing is there to fetch yet");
            let asked = app
                .simulator
                .requests_to("GET", &monos(generation, "statement"));
            let asked = serde_json::to_value(&asked).unwrap().to_string();
            assert!(asked.contains("last3months") && asked.contains("pdf"));

            let path = path_of(&id, &pdf);
            let again = visitor.get(&path).send().await.assert_status(200);
            assert_eq!(again, building);
            app.advance(Duration::from_secs(3)).await;
            let ready = visitor.get(&path).send().await.assert_status(200);
            assert_eq!(
                (&ready["job_id"], &ready["status"]),
                (&pdf["job_id"], &json!("ready"))
            );
            // The simulator's own address, which the proxy is configured to call.
            let url = ready["url"].as_str().unwrap();
            assert!(url.starts_with(app.simulator.base_url()), "{url}");
        }
    }
}

#[tokio::test]
async fn an_address_that_is_not_safe_to_open_is_not_handed_on() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = path_of(&id, &starts(&mut visitor, &id).await);
    for (url, kept) in [
        ("https://files.example/s.pdf", true),
        ("http://files.example/s.pdf", false),
        ("http://127.0.0.1:1/s.pdf", false),
        ("https://name:word@files.example/s.pdf", false),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("/s.pdf", false),
    ] {
        let body = json!({"data": {"id": "p1", "status": "BUILT", "path": url}});
        app.simulator
            .fault(says(&body).on(&monos("v2", "statement/jobs/*")));
        let pdf = visitor.get(&path).send().await.assert_status(200);
        assert_eq!(pdf["status"], "ready");
        assert_eq!(pdf.get("url"), kept.then(|| json!(url)).as_ref(), "{url}");
    }
}

#[tokio::test]
async fn a_later_word_is_passed_on() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = path_of(&id, &starts(&mut visitor, &id).await);
    let body = json!({"data": {"id": "p1", "status": "FAILED", "path": "https://files.example/s"}});
    app.simulator
        .fault(says(&body).on(&monos("v2", "statement/jobs/*")));
    let pdf = visitor.get(&path).send().await.assert_status(200);
    assert_eq!((&pdf["status"], pdf.get("url")), (&json!("failed"), None));
}

#[tokio::test]
async fn belongs_to_its_account_and_user() {
    let app = TestApp::start().await;
    let mut ada = app.visitor().await;
    let first = ada.links_and_waits().await;
    let second = ada.links_and_waits().await;
    let pdf = starts(&mut ada, &first).await;
    let job = ada.get(&path_of(&first, &pdf)).send().await;
    job.assert_status(200);
    let before = app.all_calls();
    // Even if Mono told everybody about everything, we do not.
    let elsewhere = ada.get(&path_of(&second, &pdf)).send().await;
    elsewhere.assert_problem(404, "job_not_found");
    let unknown = json!({"job_id": "66f3d4b3305261f275"});
    let unknown = ada.get(&path_of(&first, &unknown)).send().await;
    unknown.assert_problem(404, "job_not_found");
    let odd = ada
        .get(&path_of(&first, &json!({"job_id": "a%2fb"})))
        .send();
    let odd = odd.await;
    odd.assert_problem(400, "invalid_request");
    assert_eq!(odd.wrong_fields(), ["job_id"]);
    let mut bob = app.visitor().await;
    let foreign = bob.get(&path_of(&first, &pdf)).send().await;
    foreign.assert_problem(404, "account_not_found");
    let own = bob.links_and_waits().await;
    let taken = bob.get(&path_of(&own, &pdf)).send().await;
    taken.assert_problem(404, "job_not_found");
    assert_eq!(app.calls("GET", &monos("v2", "statement/jobs/*")), 1);
    assert!(app.all_calls() > before, "bob has linked an account");
}

#[tokio::test]
async fn one_that_mono_has_forgotten_is_not_found() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let path = path_of(&id, &starts(&mut visitor, &id).await);
    for status in [404, 400] {
        let refusal = r#"{"status":"failed","message":"Job not found","data":null}"#;
        let fault = mono_simulator::FaultKind::Status {
            code: status,
            body: Some(refusal.to_owned()),
            content_type: None,
            retry_after: None,
        };
        app.simulator
            .fault(mono_simulator::Fault::next(fault).on(&monos("v2", "statement/jobs/*")));
        let answer = visitor.get(&path).send().await;
        answer.assert_problem(404, "job_not_found");
    }
    visitor.get(&path).send().await.assert_status(200);
}

#[tokio::test]
async fn the_body_names_a_period() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.clear_requests();
    for (body, field) in [
        (json!({}), "period"),
        (json!({"period": "last13months"}), "period"),
        (json!({"period": 3}), "period"),
        (json!({"period": "last1month", "output": "pdf"}), "output"),
    ] {
        let path = format!("/api/accounts/{id}/statement-pdfs");
        let answer = visitor.post(&path).json(&body).await;
        answer.assert_problem(422, "invalid_request");
        assert_eq!(answer.wrong_fields(), [field], "{body}");
    }
    assert_eq!(app.all_calls(), 0);
}
