//! Who may call: the custom header and the page's origin (RFC 10017).

use axum::http::Method;
use mono_connect_tests::TestApp;

const PAGE: &str = "http://127.0.0.1:8080";

#[tokio::test]
async fn every_call_needs_the_custom_header() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    for (method, path) in [
        (Method::GET, "/api/accounts"),
        (Method::POST, "/api/accounts"),
        (Method::POST, "/api/session"),
        (Method::POST, "/api/link-sessions"),
        (Method::GET, "/api/accounts/a1"),
        (Method::GET, "/api/accounts/a1/balance"),
        (Method::GET, "/api/accounts/a1/transactions"),
        (Method::POST, "/api/accounts/a1/reauthorise"),
        (Method::GET, "/api/nothing"),
        (Method::POST, "/api/config"),
    ] {
        let answer = visitor
            .call(method.clone(), path)
            .without("x-mono-connect")
            .send()
            .await;
        answer.assert_problem(403, "forbidden_origin");
        let wrong = visitor
            .call(method, path)
            .without("x-mono-connect")
            .header("x-mono-connect", "0");
        wrong.send().await.assert_problem(403, "forbidden_origin");
    }
    assert_eq!(app.all_calls(), 0);
}

#[tokio::test]
async fn pages_of_other_origins_may_not_call() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    for origin in [
        "null",
        "https://evil.example",
        "http://127.0.0.1:8081",
        "https://127.0.0.1:8080",
        "http://127.0.0.1:8080.evil.example",
        "http://127.0.0.1:8080/",
        "http://sub.127.0.0.1:8080",
        "",
    ] {
        for path in ["/api/accounts", "/api/config", "/api/events"] {
            let answer = visitor.get(path).header("origin", origin).send().await;
            answer.assert_problem(403, "forbidden_origin");
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
        // A forged fetch site does not outweigh a foreign origin.
        let both = visitor.get("/api/accounts").header("origin", origin);
        let both = both.header("sec-fetch-site", "same-origin");
        both.send().await.assert_problem(403, "forbidden_origin");
    }
    let two = visitor
        .get("/api/accounts")
        .header("origin", PAGE)
        .header("origin", PAGE);
    two.send().await.assert_problem(403, "forbidden_origin");
}

#[tokio::test]
async fn the_fetch_site_counts_where_there_is_no_origin() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    for site in ["cross-site", "same-site", "none", "nonsense"] {
        let answer = visitor
            .get("/api/accounts")
            .header("sec-fetch-site", site)
            .send()
            .await;
        answer.assert_problem(403, "forbidden_origin");
    }
    let own = visitor
        .get("/api/accounts")
        .header("sec-fetch-site", "same-origin")
        .send()
        .await;
    own.assert_status(200);
    let own = visitor
        .get("/api/accounts")
        .header("origin", PAGE)
        .send()
        .await;
    own.assert_status(200);
    // What is no browser sends neither.
    visitor.get("/api/accounts").send().await.assert_status(200);
}

#[tokio::test]
async fn a_form_cannot_post() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    for content_type in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data",
    ] {
        let answer = visitor
            .post("/api/link-sessions")
            .body(content_type, r#"{"customer":{"id":"c1"}}"#)
            .send()
            .await;
        answer.assert_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn an_allowed_origin_is_pre_flighted_and_may_call() {
    let page = "https://shop.example";
    let app = TestApp::builder()
        .set("ALLOWED_ORIGINS", page)
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let preflight = visitor
        .call(Method::OPTIONS, "/api/accounts")
        .without("x-mono-connect")
        .header("origin", page)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "x-mono-connect,content-type",
        )
        .send()
        .await;
    preflight.assert_status(200);
    assert_eq!(preflight.header("access-control-allow-origin"), Some(page));
    assert_eq!(
        preflight.header("access-control-allow-credentials"),
        Some("true")
    );
    let headers = preflight.header("access-control-allow-headers").unwrap();
    assert!(
        headers.contains("x-mono-connect") && !headers.contains('*'),
        "{headers}"
    );

    let call = visitor
        .get("/api/accounts")
        .header("origin", page)
        .send()
        .await;
    call.assert_status(200);
    assert_eq!(call.header("access-control-allow-origin"), Some(page));
    assert_eq!(
        call.header("vary").map(|vary| vary.contains("origin")),
        Some(true)
    );

    let other = visitor
        .get("/api/accounts")
        .header("origin", "https://evil.example")
        .send()
        .await;
    other.assert_problem(403, "forbidden_origin");
    assert_eq!(other.header("access-control-allow-origin"), None);
}
