//! Logins and queries, spoilt: none of them gets anybody in, and nothing falls over.

use axum::http::HeaderValue;
use mono_connect_tests::TestApp;
use serde_json::json;

use crate::mutate::Mutations;

/// As a header may hold it.
fn header(bytes: &[u8]) -> Option<String> {
    let value = HeaderValue::from_bytes(bytes).ok()?;
    value.to_str().ok().map(str::to_owned)
}

#[tokio::test]
async fn a_spoilt_cookie_lets_nobody_in() {
    let app = TestApp::start().await;
    let good = app.visitor().await.cookie.unwrap();
    let (name, value) = good.split_once('=').unwrap();
    let mut mutations = Mutations::seeded(1);
    let mut refused = 0;
    for _ in 0..1_500 {
        let Some(spoilt) = header(&mutations.spoil(value.as_bytes())) else {
            continue;
        };
        // What follows a semicolon is another cookie, and white space around is none of the value.
        let first = spoilt.split(';').next().unwrap().trim();
        let expected = if first == value { 200 } else { 401 };
        let mut page = app.newcomer();
        let call = page.get("/api/accounts");
        let call = call.header("cookie", &format!("{name}={spoilt}"));
        let status = call.send().await.status;
        assert_eq!(status, expected, "{spoilt:?} for {value}");
        refused += usize::from(status == 401);
    }
    assert!(refused > 1_000, "{refused}");
}

#[tokio::test]
async fn a_spoilt_token_lets_nobody_in() {
    const SECRET: &str = "a secret of thirty-two bytes, or more";
    let app = TestApp::builder()
        .set("AUTH_MODE", "jwt")
        .set("JWT_SECRET", SECRET)
        .start()
        .await;
    let claims = json!({"sub": "ada", "exp": 9_999_999_999_u64});
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    let good = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap();
    let mut mutations = Mutations::seeded(2);
    let mut refused = 0;
    for _ in 0..1_500 {
        let Some(spoilt) = header(&mutations.spoil(good.as_bytes())) else {
            continue;
        };
        let expected = if spoilt.trim() == good { 200 } else { 401 };
        let mut page = app.newcomer();
        let call = page.get("/api/accounts");
        let call = call.header("authorization", &format!("Bearer {spoilt}"));
        let status = call.send().await.status;
        assert_eq!(status, expected, "{spoilt:?} for {good}");
        refused += usize::from(status == 401);
    }
    assert!(refused > 1_000, "{refused}");
}

#[tokio::test]
async fn a_spoilt_query_or_body_is_a_problem_of_the_caller() {
    let app = TestApp::start().await;
    let mut visitor = app.visitor().await;
    let query = "start=2026-01-01&end=2026-01-31&type=debit&narration=a%20b&page=2&limit=50";
    let body = json!({"code": "code_x", "reference": "mcl_x"}).to_string();
    let mut mutations = Mutations::seeded(3);
    for _ in 0..1_000 {
        let spoilt = mutations.spoil(query.as_bytes());
        let path = [b"/api/accounts/a1/transactions?".as_slice(), &spoilt].concat();
        // A head that cannot be written reaches nobody.
        if let Some(path) = String::from_utf8(path).ok()
            && path.parse::<axum::http::Uri>().is_ok()
        {
            let status = visitor.get(&path).send().await.status;
            assert!(matches!(status, 400 | 404 | 422), "{path}: {status}");
        }
        let spoilt = mutations.spoil(body.as_bytes());
        let call = visitor
            .post("/api/accounts")
            .body("application/json", spoilt);
        let status = call.send().await.status;
        assert!(matches!(status, 400 | 409 | 422), "{status}");
    }
    assert_eq!(app.all_calls(), 0, "Mono is not asked");
}
