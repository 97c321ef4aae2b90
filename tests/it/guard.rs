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
    // Both cannot be true, so one of them is made up.
    for site in ["cross-site", "same-site", "none"] {
        let both = visitor.get("/api/accounts").header("origin", PAGE);
        let both = both.header("sec-fetch-site", site);
        both.send().await.assert_problem(403, "forbidden_origin");
    }
    // What is no browser sends neither.
    visitor.get("/api/accounts").send().await.assert_status(200);
}

/// Every call of a page that changes something. The document is made from the routes, so that none
/// is forgotten.
fn unsafe_calls() -> Vec<(Method, String)> {
    let document = mono_connect_proxy::openapi_document();
    let mut calls = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = method.to_ascii_uppercase().parse().unwrap();
            if path.starts_with("/api/") && method != Method::GET {
                let path = path.replace("{id}", "a1").replace("{job_id}", "j1");
                calls.push((method, path));
            }
        }
    }
    calls
}

#[tokio::test]
async fn no_other_page_changes_anything_whatever_it_sends() {
    let app = TestApp::builder()
        .set("ALLOWED_ORIGINS", "https://shop.example")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let before = app.all_calls();
    let calls = unsafe_calls();
    assert!(calls.len() >= 8, "{calls:?}");
    for (method, path) in &calls {
        let path = path.replace("a1", &id);
        for origin in [
            "null",
            "https://evil.example",
            "http://127.0.0.1:8080.evil.example",
            "http://evil.127.0.0.1:8080",
            "https://shop.example.evil.example",
            "https://evil.shop.example",
            "http://shop.example",
        ] {
            for content_type in [
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "text/plain",
                "",
            ] {
                let what = format!("{method} {path} from {origin} as {content_type:?}");
                // As a form sends it, and as a page would that could set the header after all.
                for with_header in [false, true] {
                    let mut call = visitor.call(method.clone(), &path);
                    if !with_header {
                        call = call.without("x-mono-connect");
                    }
                    let call = call.header("origin", origin).body(content_type, "{}");
                    let answer = call.send().await;
                    assert_eq!(answer.status, 403, "{what}");
                    assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
                    assert_eq!(answer.header("set-cookie"), None, "{what}");
                }
            }
        }
        // Without an origin, as an old browser's form: the header is missing.
        let bare = visitor
            .call(method.clone(), &path)
            .without("x-mono-connect");
        let bare = bare.body("application/x-www-form-urlencoded", "a=b");
        bare.send().await.assert_problem(403, "forbidden_origin");
    }
    assert_eq!(app.all_calls(), before, "Mono was asked for nothing");
    let left = visitor.get("/api/accounts").send().await.json();
    assert_eq!(left["accounts"][0]["id"], id);
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
