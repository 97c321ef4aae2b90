//! `AUTH_MODE=forwarded`: a proxy in front names the user.

use mono_connect_tests::{TestApp, TestAppBuilder};

const PROXY: &str = "10.1.2.3";

fn builder() -> TestAppBuilder {
    TestApp::builder()
        .set("AUTH_MODE", "forwarded")
        .set("FORWARDED_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
}

#[tokio::test]
async fn the_trusted_proxy_names_the_user() {
    let app = builder().start().await;
    let mut page = app.newcomer();
    for peer in [PROXY, "::1", "::ffff:10.9.9.9"] {
        let answer = page
            .post("/api/session")
            .from(peer)
            .header("x-forwarded-user", "ada@example.com")
            .send()
            .await;
        answer.assert_status(204);
        assert_eq!(answer.header("set-cookie"), None);
    }
    let started = page
        .post("/api/link-sessions")
        .from(PROXY)
        .header("x-forwarded-user", "ada@example.com")
        .send()
        .await;
    started.assert_status(201);
    assert_eq!(started.header("set-cookie"), None);
}

#[tokio::test]
async fn nobody_else_does() {
    let app = builder().start().await;
    for peer in [
        "203.0.113.9",
        "127.0.0.1",
        "::2",
        "11.0.0.1",
        "::ffff:203.0.113.9",
    ] {
        for path in ["/api/session", "/api/link-sessions"] {
            let answer = app
                .newcomer()
                .post(path)
                .from(peer)
                .header("x-forwarded-user", "ada")
                .header("x-forwarded-for", PROXY)
                .send()
                .await;
            answer.assert_problem(401, "unauthenticated");
            assert_eq!(answer.header("set-cookie"), None, "{peer}");
        }
    }
    // No address at all is no trusted one.
    let answer = app
        .newcomer()
        .get("/api/accounts")
        .header("x-forwarded-user", "ada")
        .send()
        .await;
    answer.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_name_is_one_and_sane() {
    let app = builder().start().await;
    for users in [
        &[][..],
        &[""],
        &["ada", "bob"],
        &["ada", "ada"],
        &["ada, bob"],
        &["a b"],
        &["a/b"],
        &[".."],
    ] {
        let mut page = app.newcomer();
        let mut call = page.get("/api/accounts").from(PROXY);
        for user in users {
            call = call.header("x-forwarded-user", user);
        }
        let answer = call.send().await;
        assert_eq!(answer.status, 401, "{users:?}");
    }
    let app = builder()
        .set("FORWARDED_USER_HEADER", "X-Auth-Request-User")
        .start()
        .await;
    for (header, status) in [("x-auth-request-user", 200), ("x-forwarded-user", 401)] {
        let mut page = app.newcomer();
        let answer = page.get("/api/accounts").from(PROXY).header(header, "ada");
        assert_eq!(answer.send().await.status, status, "{header}");
    }
}

#[tokio::test]
async fn a_page_of_elsewhere_may_call_no_more_than_with_a_session() {
    let app = builder().start().await;
    let mut page = app.newcomer();
    page.get("/api/accounts")
        .from(PROXY)
        .without("x-mono-connect")
        .header("x-forwarded-user", "ada")
        .send()
        .await
        .assert_problem(403, "forbidden_origin");
}

#[tokio::test]
async fn logins_of_one_address_share_a_larger_limit() {
    let app = TestApp::builder()
        .one_proxy()
        .set("RATE_LIMIT", "10")
        .set("FORWARDED_TRUSTED_PROXIES", "10.0.0.0/8")
        .start()
        .await;
    // Sessions of many addresses, all read from one: ten times ten calls, and hardly more.
    let mut pages = Vec::new();
    for number in 1..=20 {
        let mut page = app.newcomer();
        let call = page.post("/api/session").from(PROXY);
        let call = call.header("x-forwarded-for", &format!("198.51.100.{number}"));
        call.send().await.assert_status(204);
        pages.push(page);
    }
    let mut statuses = Vec::new();
    for page in &mut pages {
        for _ in 0..10 {
            let call = page.get("/api/accounts").from(PROXY);
            let call = call.header("x-forwarded-for", "203.0.113.7");
            statuses.push(call.send().await.status);
        }
    }
    assert!(
        statuses[..100].iter().all(|status| *status == 200),
        "{statuses:?}"
    );
    // What a minute brings back comes meanwhile, too.
    assert!(statuses[100..].contains(&429), "{statuses:?}");
    // A proxy on this machine that is not named as trusted is everybody.
    let mut here = Vec::new();
    for _ in 0..11 {
        let mut page = app.newcomer();
        let call = page.post("/api/session").from(PROXY);
        let call = call.header("x-forwarded-for", &format!("192.0.2.{}", here.len()));
        call.send().await.assert_status(204);
        for _ in 0..10 {
            here.push(
                page.get("/api/accounts")
                    .from("127.0.0.1")
                    .send()
                    .await
                    .status,
            );
        }
    }
    assert!(here.iter().all(|status| *status == 200), "{here:?}");
}

#[tokio::test]
async fn addresses_are_counted_behind_a_trusted_proxy_only() {
    let app = TestApp::builder()
        .one_proxy()
        .set("RATE_LIMIT", "10")
        .set("FORWARDED_TRUSTED_PROXIES", "10.0.0.0/8")
        .start()
        .await;
    let status = async |peer: &str, forwarded_for: &str| {
        let mut page = app.newcomer();
        let call = page.post("/api/session").from(peer);
        call.header("x-forwarded-for", forwarded_for)
            .send()
            .await
            .status
    };
    // A tenth of ten, per address.
    assert_eq!(status(PROXY, "198.51.100.1").await, 204);
    assert_eq!(status(PROXY, "198.51.100.1").await, 429);
    assert_eq!(status(PROXY, "198.51.100.2").await, 204);
    assert_eq!(status(PROXY, "6.6.6.6, 198.51.100.2").await, 429);
    assert_eq!(status("203.0.113.9", "198.51.100.3").await, 204);
    assert_eq!(status("203.0.113.9", "198.51.100.4").await, 429);
}
