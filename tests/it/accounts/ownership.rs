//! Nobody comes near an account that is not theirs.

use axum::http::Method;
use mono_connect_tests::{Answer, TestApp, Visitor};
use mono_simulator::{Fault, FaultKind};
use serde_json::json;

/// Every call about one account, with a job of some account's and a PDF of some account's.
fn routes(id: &str, job: &str, pdf: &str) -> Vec<(Method, String)> {
    vec![
        (Method::GET, format!("/api/accounts/{id}")),
        (Method::GET, format!("/api/accounts/{id}/balance")),
        (Method::GET, format!("/api/accounts/{id}/transactions")),
        (Method::GET, format!("/api/accounts/{id}/statement")),
        (Method::POST, format!("/api/accounts/{id}/statement-pdfs")),
        (
            Method::GET,
            format!("/api/accounts/{id}/statement-pdfs/{pdf}"),
        ),
        (Method::GET, format!("/api/accounts/{id}/jobs/{job}")),
        (Method::GET, format!("/api/accounts/{id}/credits")),
        (Method::GET, format!("/api/accounts/{id}/debits")),
        (Method::GET, format!("/api/accounts/{id}/identity")),
        (Method::GET, format!("/api/accounts/{id}/income")),
        (Method::GET, format!("/api/accounts/{id}/assets")),
        (Method::GET, format!("/api/accounts/{id}/earnings")),
        (Method::POST, format!("/api/accounts/{id}/reauthorise")),
        (Method::POST, format!("/api/accounts/{id}/sync")),
        // The last one: then it is nobody's.
        (Method::DELETE, format!("/api/accounts/{id}")),
    ]
}

/// How many operations the document has whose path names an account.
fn of_the_document() -> usize {
    let paths = mono_connect_proxy::openapi_document()["paths"].as_object();
    let of_accounts = paths.unwrap().iter();
    let of_accounts = of_accounts.filter(|(path, _)| path.starts_with("/api/accounts/{id}"));
    of_accounts
        .map(|(_, item)| item.as_object().unwrap().len())
        .sum()
}

async fn calls(visitor: &mut Visitor<'_>, method: Method, path: &str) -> Answer {
    let call = visitor.call(method, path);
    if path.ends_with("/statement-pdfs") {
        return call.json(&json!({"period": "last1month"})).await;
    }
    call.send().await
}

/// Everything but what names this one request.
fn comparable(answer: &Answer) -> (u16, String, Vec<String>) {
    let mut problem = answer.json();
    problem["request_id"] = serde_json::Value::Null;
    let names = answer.headers.keys().map(ToString::to_string).collect();
    (answer.status, problem.to_string(), names)
}

#[tokio::test]
async fn anothers_account_is_as_absent_as_a_missing_one() {
    let app = TestApp::start().await;
    let mut ada = app.visitor().await;
    let id = ada.links_and_waits().await;
    let sync = format!("/api/accounts/{id}/sync");
    let sync = calls(&mut ada, Method::POST, &sync).await.json();
    let pdf = format!("/api/accounts/{id}/statement-pdfs");
    let pdf = calls(&mut ada, Method::POST, &pdf).await.json();
    let (job, pdf) = (&sync["job_id"], &pdf["job_id"]);
    let (job, pdf) = (job.as_str().unwrap(), pdf.as_str().unwrap());
    let mut bob = app.visitor().await;
    let before = app.all_calls();
    let foreign = routes(&id, job, pdf);
    assert_eq!(
        foreign.len(),
        of_the_document(),
        "the list has every route of an account"
    );
    let missing = routes("5f171a530295e231abca1153", job, pdf);
    for ((method, foreign), (_, missing)) in foreign.into_iter().zip(missing) {
        let foreign = calls(&mut bob, method.clone(), &foreign).await;
        let missing = calls(&mut bob, method, &missing).await;
        foreign.assert_problem(404, "account_not_found");
        assert_eq!(comparable(&foreign), comparable(&missing));
    }
    assert_eq!(app.all_calls(), before, "Mono is not asked");
    for (method, own) in routes(&id, job, pdf) {
        let status = calls(&mut ada, method, &own).await.status;
        assert!(matches!(status, 200..=204), "{own}: {status}");
    }
}

#[tokio::test]
async fn a_busy_account_is_as_absent_to_others_as_a_missing_one() {
    let app = TestApp::builder()
        .set("UPSTREAM_TIMEOUT", "3s")
        .start()
        .await;
    let mut ada = app.visitor().await;
    let id = ada.links_and_waits().await;
    let mut bob = app.visitor().await;
    let path = format!("/api/accounts/{id}");
    let unlink = format!("/v2/accounts/{id}/unlink");
    app.simulator
        .fault(Fault::next(FaultKind::Hang).on(&unlink).times(0));
    // While the owner's call waits for Mono, the account is taken: nobody else may notice.
    let own = calls(&mut ada, Method::DELETE, &path);
    let foreign = async {
        while app.calls("POST", "/v2/accounts/*/unlink") == 0 {
            tokio::task::yield_now().await;
        }
        calls(&mut bob, Method::DELETE, &path).await
    };
    tokio::select! {
        biased;
        foreign = foreign => { foreign.assert_problem(404, "account_not_found"); }
        own = own => panic!("the owner's call ended first: {}", own.status),
    }
}

#[tokio::test]
async fn odd_ids_never_reach_mono() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    for id in [
        "..",
        "%2e%2e",
        "..%2f..%2fv2",
        "a%2fb",
        "%252f",
        "a;b",
        "a%5cb",
        "a@b",
        "a%3fb",
        "a%23b",
        "%00",
        "a%0d%0ab",
        "%ff",
        "%e2%80%ae",
        "a.b",
        "a%20b",
        "%2f%2fevil.example",
    ] {
        for (method, path) in routes(id, "j1", "p1") {
            let answer = calls(&mut visitor, method, &path).await;
            assert!(
                matches!(answer.status, 400 | 404),
                "{path}: {}",
                answer.status
            );
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json")
            );
        }
    }
    let long = "a".repeat(65);
    let answer = visitor.get(&format!("/api/accounts/{long}")).send().await;
    answer.assert_problem(400, "invalid_request");
    assert_eq!(answer.wrong_fields(), ["id"]);
    assert_eq!(app.all_calls(), 0);
}

#[tokio::test]
async fn nothing_of_the_callers_head_reaches_mono() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    app.simulator.clear_requests();
    visitor
        .get(&format!("/api/accounts/{id}/balance"))
        .header("authorization", "Bearer CANARY")
        .header("mono-sec-key", "CANARY")
        .header("x-forwarded-for", "10.0.0.1")
        .header("x-realtime", "true")
        .header("connection", "mono-sec-key")
        .send()
        .await
        .assert_status(200);
    let requests = app.simulator.requests();
    let [request] = requests.as_slice() else {
        panic!("one call: {requests:?}")
    };
    let json = serde_json::to_value(request).unwrap();
    let headers: Vec<_> = json["headers"]
        .as_object()
        .map(|headers| headers.keys().cloned().collect())
        .unwrap_or_default();
    for header in [
        "authorization",
        "cookie",
        "x-forwarded-for",
        "x-realtime",
        "x-mono-connect",
    ] {
        assert!(!headers.contains(&header.to_owned()), "{json}");
    }
    assert!(headers.contains(&"mono-sec-key".to_owned()), "{json}");
    assert!(!json.to_string().contains("CANARY"), "{json}");
}
