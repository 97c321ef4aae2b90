//! `POST /api/link-sessions`.

use mono_connect_proxy::clock::Clock as _;
use mono_connect_store::LinkSessionRecord;
use mono_connect_tests::{Database, TestApp};
use serde_json::{Value, json};

#[tokio::test]
async fn prepares_the_widget() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let request = json!({
        "customer": {"name": "Samuel Olamide", "email": "samuel@example.com"},
        "institution": {"id": "5f2d08be60b92e2888287702", "auth_method": "internet_banking"},
        "consent": {"version": "2026-01", "text_sha256": "ab".repeat(32), "purpose": "budgeting"},
    });
    let session = visitor
        .post("/api/link-sessions")
        .json(&request)
        .await
        .assert_status(201);
    let reference = session["reference"].as_str().unwrap();
    assert!(
        reference.len() >= 10,
        "Mono wants ten characters: {reference}"
    );
    assert_eq!(session["expires_at"], "2026-01-27T10:30:00Z");
    assert_eq!(
        session["widget"],
        json!({
            "key": "test_pk_simulator",
            "scope": "auth",
            "reference": reference,
            "data": {"customer": {"name": "Samuel Olamide", "email": "samuel@example.com"}},
            "selectedInstitution": {
                "id": "5f2d08be60b92e2888287702",
                "auth_method": "internet_banking",
            },
        })
    );
    assert_eq!(app.all_calls(), 0, "Mono is not asked");
}

#[tokio::test]
async fn everything_is_optional_and_references_differ() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let empty = visitor
        .post("/api/link-sessions")
        .send()
        .await
        .assert_status(201);
    let object = visitor
        .post("/api/link-sessions")
        .json(&json!({}))
        .await
        .assert_status(201);
    assert_ne!(empty["reference"], object["reference"]);
    assert_eq!(empty["widget"]["data"], json!({}));
    assert_eq!(empty["widget"].get("selectedInstitution"), None);
    let known = json!({"customer": {"id": "65eb623bbd0b2c1c4e5ae5dd"}});
    let session = visitor
        .post("/api/link-sessions")
        .json(&known)
        .await
        .assert_status(201);
    assert_eq!(session["widget"]["data"], known);
}

#[tokio::test]
async fn a_newcomer_gets_a_session_with_it() {
    let app = TestApp::start().await;
    let mut visitor = app.newcomer();
    let answer = visitor.post("/api/link-sessions").json(&json!({})).await;
    answer.assert_status(201);
    assert!(answer.header("set-cookie").is_some());
    visitor.get("/api/accounts").send().await.assert_status(200);
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let cases: Vec<(Value, &str)> = vec![
        (json!({"customers": {}}), "customers"),
        (json!({"customer": {}}), "customer.name"),
        (json!({"customer": {"name": "A"}}), "customer.email"),
        (json!({"customer": {"email": "a@b.c"}}), "customer.name"),
        (
            json!({"customer": {"name": "", "email": "a@b.c"}}),
            "customer.name",
        ),
        (
            json!({"customer": {"name": "A\nB", "email": "a@b.c"}}),
            "customer.name",
        ),
        (
            json!({"customer": {"name": "A", "email": "nonsense"}}),
            "customer.email",
        ),
        (
            json!({"customer": {"name": "A", "email": "a b@c"}}),
            "customer.email",
        ),
        (json!({"customer": {"id": "c1", "name": "A"}}), "customer"),
        (json!({"customer": {"id": "../c"}}), "customer.id"),
        (
            json!({"customer": {"id": "c1", "bvn": "22222222222"}}),
            "customer.bvn",
        ),
        (json!({"institution": {}}), "institution.id"),
        (json!({"institution": {"id": "a/b"}}), "institution.id"),
        (
            json!({"institution": {"id": "a", "account_number": "12x"}}),
            "institution.account_number",
        ),
        (json!({"consent": {}}), "consent.version"),
        (json!({"consent": {"version": ""}}), "consent.version"),
        (
            json!({"consent": {"version": "1", "text_sha256": "ab"}}),
            "consent.text_sha256",
        ),
        (
            json!({"consent": {"version": "1", "purpose": "x".repeat(501)}}),
            "consent.purpose",
        ),
    ];
    for (body, field) in cases {
        let answer = visitor.post("/api/link-sessions").json(&body).await;
        answer.assert_problem(422, "invalid_request");
        assert_eq!(answer.wrong_fields(), [field], "{body}");
    }
}

#[tokio::test]
async fn nobody_has_attempts_without_end() {
    let app = TestApp::builder().database(Database::Memory).start().await;
    let mut visitor = app.visitor().await;
    let user = visitor.get("/api/me/export").send().await.json()["user_id"].clone();
    let now = app.clock.now();
    for number in 0..1_000 {
        let session = LinkSessionRecord {
            reference: format!("mcl_open{number}").parse().unwrap(),
            user: user.as_str().unwrap().parse().unwrap(),
            created_at: now,
            expires_at: now + std::time::Duration::from_mins(30),
            consent: None,
            account: None,
            exchanged: false,
        };
        app.store.add_link_session(&session).await.unwrap();
    }
    let refused = visitor.post("/api/link-sessions").json(&json!({})).await;
    refused.assert_problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), Some("60"));
    // Somebody else is not concerned, and each ends by itself.
    app.visitor().await.starts_link().await;
    app.advance(std::time::Duration::from_mins(30)).await;
    visitor.starts_link().await;
}
