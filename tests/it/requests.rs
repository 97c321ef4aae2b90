//! What every request and every answer has.

use axum::http::Method;
use mono_connect_tests::TestApp;

#[tokio::test]
async fn every_answer_has_an_id_and_is_not_stored() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let mut ids = std::collections::BTreeSet::new();
    for path in [
        "/api/config",
        "/api/accounts",
        "/api/accounts/none",
        "/api/nothing",
        "/nothing",
    ] {
        let answer = visitor
            .get(path)
            .header("x-request-id", "forged")
            .send()
            .await;
        ids.insert(answer.header("x-request-id").unwrap().to_owned());
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{path}"
        );
        assert!(answer.header("content-security-policy").is_some(), "{path}");
    }
    assert_eq!(ids.len(), 5);
    assert!(!ids.contains("forged"));
}

#[tokio::test]
async fn an_unknown_path_or_method_is_a_problem() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    visitor
        .get("/api/nothing")
        .send()
        .await
        .assert_problem(404, "not_found");
    visitor
        .get("/api/accounts/a1/nothing")
        .send()
        .await
        .assert_problem(404, "not_found");
    let wrong = visitor.call(Method::PUT, "/api/accounts").send().await;
    wrong.assert_problem(405, "invalid_request");
    assert!(wrong.header("allow").unwrap().contains("POST"));
}

#[tokio::test]
async fn a_body_is_checked_field_by_field() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let cases = [
        (
            r#"{"code":"c","reference":"r","extra":1}"#,
            422,
            vec!["extra"],
        ),
        (r#"{"code":"c"}"#, 422, vec!["reference"]),
        (r#"{"code":5,"reference":"r"}"#, 422, vec!["code"]),
        (r#"{"code":"","reference":"r"}"#, 422, vec!["code"]),
        (r#"{"code":"a b","reference":"r"}"#, 422, vec!["code"]),
        (r#"{"code":"c","reference":"../x"}"#, 422, vec!["reference"]),
        (
            r#"{"code":"c","code":"d","reference":"r"}"#,
            422,
            vec!["code"],
        ),
        (r#"["c","r"]"#, 422, vec!["body"]),
        ("", 422, vec!["code"]),
        ("null", 422, vec!["body"]),
        ("{", 400, vec![]),
        (r#"{"code":"c","reference":"r"} x"#, 400, vec![]),
        ("\u{0}", 400, vec![]),
    ];
    for (body, status, fields) in cases {
        let call = visitor.post("/api/accounts").body("application/json", body);
        let answer = call.send().await;
        answer.assert_problem(status, "invalid_request");
        assert_eq!(answer.wrong_fields(), fields, "{body}");
    }
    assert_eq!(app.all_calls(), 0);
}

#[tokio::test]
async fn what_was_sent_is_not_echoed() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    for body in [
        r#"{"code":"CANARY CODE","reference":"r"}"#,
        r#"{"code":["CANARY"],"reference":"r"}"#,
        r#"{"code":"c","reference":"CANARY!"}"#,
    ] {
        let answer = visitor
            .post("/api/accounts")
            .body("application/json", body)
            .send()
            .await;
        answer.assert_problem(422, "invalid_request");
        assert!(!answer.body.contains("CANARY"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_body_has_a_largest_size() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let body = format!(r#"{{"code":"c","reference":"{}"}}"#, "r".repeat(70_000));
    let answer = visitor
        .post("/api/accounts")
        .body("application/json", body)
        .send()
        .await;
    answer.assert_problem(413, "payload_too_large");
    let padded = format!(r#"{{"code":"c"{}}}"#, " ".repeat(60_000));
    let answer = visitor
        .post("/api/accounts")
        .body("application/json", padded)
        .send()
        .await;
    answer.assert_problem(422, "invalid_request");
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let body = r#"{"code":"c","reference":"r"}"#;
    for good in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
    ] {
        let answer = visitor.post("/api/accounts").body(good, body).send().await;
        answer.assert_problem(409, "link_session_invalid");
    }
    for bad in [
        "text/plain",
        "application/jsonp",
        "application/x-www-form-urlencoded",
    ] {
        let answer = visitor.post("/api/accounts").body(bad, body).send().await;
        answer.assert_problem(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_call_that_takes_no_body_gets_none() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let id = visitor.links_and_waits().await;
    let paths = [
        "/api/session".to_owned(),
        "/api/link-sessions".to_owned(),
        format!("/api/accounts/{id}/sync"),
        format!("/api/accounts/{id}/reauthorise"),
    ];
    let before = app.all_calls();
    for path in &paths {
        for (body, status, fields) in [
            (r#"{"odd":1}"#, 422, vec!["odd"]),
            ("[]", 422, vec!["body"]),
            ("null", 422, vec!["body"]),
            ("7", 422, vec!["body"]),
            ("{", 400, vec![]),
            ("{} {}", 400, vec![]),
            ("\u{0}", 400, vec![]),
        ] {
            let call = visitor.post(path).body("application/json", body);
            let answer = call.send().await;
            answer.assert_problem(status, "invalid_request");
            assert_eq!(answer.wrong_fields(), fields, "{path} {body:?}");
        }
        let text = visitor.post(path).body("text/plain", "{}").send().await;
        text.assert_problem(400, "invalid_request");
        let large = " ".repeat(64 * 1024 + 1);
        let large = visitor.post(path).body("application/json", large);
        let large = large.send().await;
        large.assert_problem(413, "payload_too_large");
    }
    assert_eq!(app.all_calls(), before, "Mono is not asked");
    for path in &paths {
        for body in ["", "{}", " { } "] {
            let call = visitor.post(path).body("application/json", body);
            let status = call.send().await.status;
            assert!(matches!(status, 200..=204), "{path} {body:?}: {status}");
        }
    }
}
