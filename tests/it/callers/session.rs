//! `POST /api/session`, and who a visitor is.

use mono_connect_tests::TestApp;

#[tokio::test]
async fn a_visitor_gets_one_session() {
    let app = TestApp::start().await;
    let mut visitor = app.newcomer();
    let first = visitor.post("/api/session").send().await;
    first.assert_status(204);
    let cookie = first.header("set-cookie").unwrap();
    assert!(cookie.starts_with("mono_connect_session="), "{cookie}");
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");

    let again = visitor.post("/api/session").send().await;
    again.assert_status(204);
    assert_eq!(again.header("set-cookie"), None);
}

#[tokio::test]
async fn over_https_the_cookie_is_secure_and_bound_to_the_host() {
    let app = TestApp::builder()
        .set("PUBLIC_URL", "https://bank.example")
        .start()
        .await;
    let answer = app.newcomer().post("/api/session").send().await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-Http-mono_connect_session="),
        "{cookie}"
    );
    assert!(cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn without_a_session_nothing_is_read() {
    let app = TestApp::start().await;
    for path in [
        "/api/accounts",
        "/api/accounts/a1",
        "/api/accounts/a1/balance",
    ] {
        let answer = app.newcomer().get(path).send().await;
        answer.assert_problem(401, "unauthenticated");
        assert_eq!(answer.header("location"), None);
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(app.all_calls(), 0);
}

#[tokio::test]
async fn a_cookie_that_does_not_verify_never_becomes_a_new_identity() {
    let app = TestApp::start().await;
    for cookie in [
        "mono_connect_session=x",
        "mono_connect_session=v1.anon_a.9999999999.AAAA",
    ] {
        for path in ["/api/session", "/api/link-sessions"] {
            let answer = app
                .newcomer()
                .post(path)
                .header("cookie", cookie)
                .send()
                .await;
            answer.assert_problem(401, "unauthenticated");
            assert_eq!(answer.header("set-cookie"), None);
        }
        let answer = app
            .newcomer()
            .get("/api/accounts")
            .header("cookie", cookie)
            .send()
            .await;
        answer.assert_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_cookie_that_the_caller_brings_is_never_taken_over() {
    let app = TestApp::start().await;
    let mut planted = app.newcomer();
    planted.cookie = Some("other=1".to_owned());
    planted.post("/api/session").send().await.assert_status(204);
    let first = planted.cookie.clone().unwrap();
    // Somebody else's cookie beside one's own is no login, and makes none.
    let stranger = app.visitor().await.cookie.unwrap();
    let answer = app
        .newcomer()
        .post("/api/session")
        .header("cookie", &format!("{stranger}; {first}"))
        .send()
        .await;
    answer.assert_problem(401, "unauthenticated");
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test]
async fn a_session_that_is_used_outlives_its_cookie() {
    let app = TestApp::start().await;
    let mut ada = app.visitor().await;
    let id = ada.links().await["id"].as_str().unwrap().to_owned();
    let first = ada.cookie.clone();
    let days = |days: u64| std::time::Duration::from_secs(days * 24 * 3600);
    app.clock.advance(days(200));
    ada.get("/api/accounts").send().await.assert_status(200);
    assert_ne!(ada.cookie, first, "half of its time is over");
    app.clock.advance(days(200));
    let accounts = ada.get("/api/accounts").send().await.assert_status(200);
    assert_eq!(accounts["accounts"][0]["id"], id, "the same visitor");
    ada.cookie = first;
    ada.get("/api/accounts")
        .send()
        .await
        .assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn sessions_are_told_apart() {
    let app = TestApp::start().await;
    let ada = app.visitor().await;
    let bob = app.visitor().await;
    assert_ne!(ada.cookie, bob.cookie);
}

#[tokio::test]
async fn too_many_calls_are_refused_with_a_time() {
    let app = TestApp::builder()
        .one_proxy()
        .set("RATE_LIMIT", "20")
        .start()
        .await;
    let mut visitor = app.visitor().await;
    for _ in 0..20 {
        visitor.get("/api/accounts").send().await.assert_status(200);
    }
    let refused = visitor.get("/api/accounts").send().await;
    let problem = refused.assert_problem(429, "rate_limited");
    let seconds = problem["retry_after"].as_u64().unwrap();
    assert!((1..=60).contains(&seconds));
    assert_eq!(
        refused.header("retry-after"),
        Some(seconds.to_string().as_str())
    );

    // Somebody else is not concerned; without a session, the address has a tenth: 2, and one was
    // used for each session.
    app.visitor()
        .await
        .get("/api/accounts")
        .send()
        .await
        .assert_status(200);
    app.newcomer()
        .post("/api/session")
        .send()
        .await
        .assert_problem(429, "rate_limited");
}
