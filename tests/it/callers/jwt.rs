//! `AUTH_MODE=jwt`: tokens of the site's own login.

use jsonwebtoken::{Algorithm, Header};
use mono_connect_tests::{Answer, TestApp, TestAppBuilder};
use serde_json::{Value, json};

use super::issuer::{Key, SECRET, base64url, bearer, claims, seconds};

fn with_secret() -> TestAppBuilder {
    TestApp::builder()
        .set("AUTH_MODE", "jwt")
        .set("JWT_SECRET", SECRET)
}

async fn with_key(key: &Key) -> TestApp {
    TestApp::builder()
        .set("AUTH_MODE", "jwt")
        .set("JWT_PUBLIC_KEY", &key.pem)
        .start()
        .await
}

async fn call(app: &TestApp, token: &str) -> Answer {
    app.newcomer()
        .get("/api/accounts")
        .header("authorization", &bearer(token))
        .send()
        .await
}

#[track_caller]
fn assert_refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 401, "{why}: {}", answer.body);
    answer.assert_problem(401, "unauthenticated");
    assert_eq!(answer.header("set-cookie"), None, "{why}");
    assert_eq!(answer.header("location"), None, "{why}");
}

#[tokio::test]
async fn a_token_names_its_user_by_each_kind_of_key() {
    let app = with_secret().start().await;
    let token = Key::secret(SECRET).token(&claims(&app, "ada@example.com"));
    call(&app, &token).await.assert_status(200);

    for key in [Key::rsa("r"), Key::ec("c"), Key::ed("d")] {
        let app = with_key(&key).await;
        let answer = call(&app, &key.token(&claims(&app, "auth0|ada"))).await;
        assert_eq!(answer.status, 200, "{:?}: {}", key.algorithm, answer.body);
        // Another key of the same kind is another login.
        let other = match key.algorithm {
            Algorithm::RS256 => Key::rsa("r"),
            Algorithm::ES256 => Key::ec("c"),
            _ => Key::ed("d"),
        };
        let answer = call(&app, &other.token(&claims(&app, "auth0|ada"))).await;
        assert_refused(&answer, &format!("{:?}", key.algorithm));
    }
}

#[tokio::test]
async fn users_are_told_apart_and_no_cookie_is_set() {
    let app = with_secret().start().await;
    let key = Key::secret(SECRET);
    let (ada, bob) = ("ada", "bob").into_tokens(&key, &app);
    let mut page = app.newcomer();
    let session = page.post("/api/session").header("authorization", &ada);
    let session = session.send().await;
    session.assert_status(204);
    assert_eq!(session.header("set-cookie"), None);

    let started = page
        .post("/api/link-sessions")
        .header("authorization", &ada)
        .json(&json!({}))
        .await;
    assert_eq!(started.header("set-cookie"), None);
    let reference = started.assert_status(201)["reference"].clone();
    let linked = app.bank_user_links(reference.as_str().unwrap()).await;
    let exchange = json!({"code": linked.code, "reference": reference});
    let foreign = page
        .post("/api/accounts")
        .header("authorization", &bob)
        .json(&exchange)
        .await;
    foreign.assert_problem(409, "link_session_invalid");
    let account = page
        .post("/api/accounts")
        .header("authorization", &ada)
        .json(&exchange)
        .await
        .assert_status(201);
    let path = format!("/api/accounts/{}", account["id"].as_str().unwrap());
    for (user, status) in [(&ada, 200), (&bob, 404)] {
        let answer = page.get(&path).header("authorization", user).send().await;
        let _ = answer.assert_status(status);
    }
}

trait IntoTokens {
    fn into_tokens(self, key: &Key, app: &TestApp) -> (String, String);
}

impl IntoTokens for (&str, &str) {
    fn into_tokens(self, key: &Key, app: &TestApp) -> (String, String) {
        let token = |user| bearer(&key.token(&claims(app, user)));
        (token(self.0), token(self.1))
    }
}

#[tokio::test]
async fn without_a_token_nobody_gets_in_and_nobody_gets_a_session() {
    let app = with_secret().start().await;
    for path in ["/api/session", "/api/link-sessions"] {
        let answer = app.newcomer().post(path).send().await;
        assert_refused(&answer, path);
    }
    let answer = app.newcomer().get("/api/accounts").send().await;
    assert_refused(&answer, "no header");
    for header in [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic YTpi",
        "bearer a.b.c",
        "",
    ] {
        let answer = app
            .newcomer()
            .get("/api/accounts")
            .header("authorization", header)
            .send()
            .await;
        assert_refused(&answer, header);
    }
    let good = bearer(&Key::secret(SECRET).token(&claims(&app, "ada")));
    let answer = app
        .newcomer()
        .get("/api/accounts")
        .header("authorization", &good)
        .header("authorization", &good)
        .send()
        .await;
    assert_refused(&answer, "two headers");
}

#[tokio::test]
async fn the_algorithm_is_the_keys_and_not_the_tokens() {
    let secret_app = with_secret().start().await;
    let secret = Key::secret(SECRET);
    let good = claims(&secret_app, "ada");
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "None"}),
        json!({"alg": "nOnE", "typ": "JWT"}),
        json!({"alg": ""}),
        json!({"alg": "HS384"}),
        json!({"alg": "RS256"}),
        json!({"alg": ["HS256"]}),
        json!({}),
    ] {
        let signed = secret.token_with_raw_header(&header, &good);
        assert_refused(&call(&secret_app, &signed).await, &header.to_string());
        let unsigned = format!("{}.", signed.rsplit_once('.').unwrap().0);
        assert_refused(&call(&secret_app, &unsigned).await, &unsigned);
    }

    // The oldest trick: the public key, which everybody knows, as the secret of HS256.
    for key in [Key::rsa("r"), Key::ec("c"), Key::ed("d")] {
        let app = with_key(&key).await;
        let good = claims(&app, "ada");
        for secret in [
            key.pem.as_str(),
            key.pem.trim(),
            &key.pem.replace('\n', ""),
            key.jwk["n"].as_str().unwrap_or("n"),
            key.jwk["x"].as_str().unwrap_or("x"),
        ] {
            for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                let header = Header::new(algorithm);
                let forged = Key::secret(secret).token_with(&header, &good);
                assert_refused(&call(&app, &forged).await, &format!("{algorithm:?}"));
            }
        }
        // One key's token under the other algorithm's name.
        for other in ["none", "HS256", "RS256", "RS512", "PS256", "ES256", "EdDSA"] {
            if other.parse().ok() == Some(key.algorithm) {
                continue;
            }
            let header = json!({"alg": other, "jwk": key.jwk, "jku": "https://evil.example"});
            let forged = key.token_with_raw_header(&header, &good);
            assert_refused(&call(&app, &forged).await, other);
        }
    }
}

#[tokio::test]
async fn a_key_that_the_token_brings_itself_is_nobodys() {
    let app = with_key(&Key::ed("d")).await;
    let own = Key::ed("d");
    let header = json!({"alg": "EdDSA", "kid": "d", "jwk": own.jwk, "x5c": ["AA=="]});
    let forged = own.token_with_raw_header(&header, &claims(&app, "ada"));
    assert_refused(&call(&app, &forged).await, "jwk");
}

/// Half a second later, as some write it.
fn fraction(seconds: i64) -> Value {
    serde_json::from_str(&format!("{seconds}.5")).unwrap()
}

#[tokio::test]
async fn times_are_compared_with_our_clock() {
    let app = with_secret().start().await;
    let key = Key::secret(SECRET);
    let now = seconds(&app);
    let cases = [
        (json!({"exp": now + 1}), 200),
        (json!({"exp": now - 29}), 200),
        (json!({"exp": now - 30}), 401),
        (json!({"exp": fraction(now - 32)}), 401),
        (json!({"exp": fraction(now)}), 200),
        (json!({"exp": now - 86_400}), 401),
        (json!({}), 401),
        (json!({"exp": null}), 401),
        (json!({"exp": (now + 99).to_string()}), 401),
        (json!({"exp": -1}), 401),
        (json!({"exp": u64::MAX}), 401),
        // Milliseconds for seconds would be good for ages.
        (json!({"exp": now * 1000}), 401),
        (json!({"exp": now + 99, "nbf": now}), 200),
        (json!({"exp": now + 99, "nbf": now + 30}), 200),
        (json!({"exp": now + 99, "nbf": now + 31}), 401),
        (json!({"exp": now + 99, "nbf": "soon"}), 401),
        (json!({"exp": now + 99, "nbf": null}), 401),
    ];
    for (mut claims, status) in cases {
        claims["sub"] = json!("ada");
        let answer = call(&app, &key.token(&claims)).await;
        assert_eq!(answer.status, status, "{claims}: {}", answer.body);
    }
    // A token that was good ends with its time, and the machine's own clock has no say.
    let token = key.token(&json!({"sub": "ada", "exp": now + 60}));
    call(&app, &token).await.assert_status(200);
    app.advance(std::time::Duration::from_secs(91)).await;
    assert_refused(&call(&app, &token).await, "expired");
}

#[tokio::test]
async fn issuer_and_audience_are_what_is_configured() {
    let app = with_secret()
        .set("JWT_ISSUER", "https://login.example")
        .set("JWT_AUDIENCE", "bank")
        .start()
        .await;
    let key = Key::secret(SECRET);
    let (iss, aud) = ("https://login.example", "bank");
    let cases = [
        (json!({"iss": iss, "aud": aud}), 200),
        (json!({"iss": iss, "aud": ["shop", aud]}), 200),
        (json!({"iss": iss}), 401),
        (json!({"aud": aud}), 401),
        (json!({"iss": iss, "aud": "shop"}), 401),
        (json!({"iss": iss, "aud": ["shop"]}), 401),
        (json!({"iss": iss, "aud": []}), 401),
        (json!({"iss": iss, "aud": null}), 401),
        (json!({"iss": "https://evil.example", "aud": aud}), 401),
        (json!({"iss": "https://login.example/", "aud": aud}), 401),
        (json!({"iss": null, "aud": aud}), 401),
        (json!({"iss": {"a": iss}, "aud": aud}), 401),
    ];
    for (extra, status) in cases {
        let mut all = claims(&app, "ada");
        all.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let answer = call(&app, &key.token(&all)).await;
        assert_eq!(answer.status, status, "{extra}: {}", answer.body);
    }

    // Nothing is configured, so a token for somebody is not for us.
    let app = with_secret().start().await;
    let mut all = claims(&app, "ada");
    all["aud"] = json!("shop");
    assert_refused(&call(&app, &key.token(&all)).await, "aud");
}

#[tokio::test]
async fn the_user_is_the_configured_claim_and_a_sane_text() {
    let app = with_secret().set("JWT_USER_CLAIM", "uid").start().await;
    let key = Key::secret(SECRET);
    let exp = seconds(&app) + 60;
    let good = key.token(&json!({"uid": "u-1", "exp": exp}));
    call(&app, &good).await.assert_status(200);
    for user in [
        Value::Null,
        json!(1),
        json!(""),
        json!("."),
        json!(".."),
        json!("a b"),
        json!("a\n"),
        json!("a/b"),
        json!("a\u{0}"),
        json!("ädä"),
        json!(["u-1"]),
        json!({"id": "u-1"}),
        json!(true),
        json!("a".repeat(129)),
    ] {
        let token = key.token(&json!({"uid": user, "sub": "u-1", "exp": exp}));
        assert_refused(&call(&app, &token).await, &user.to_string());
    }
    let other_claim = key.token(&json!({"sub": "u-1", "exp": exp}));
    assert_refused(&call(&app, &other_claim).await, "sub");
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let app = with_secret().start().await;
    let key = Key::secret(SECRET);
    let good = key.token(&claims(&app, "ada"));
    call(&app, &good).await.assert_status(200);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let forged = base64url(br#"{"sub":"bob","exp":99999999999}"#);
    let mut padded = claims(&app, "ada");
    padded["pad"] = json!("x".repeat(9000));
    for token in [
        String::new(),
        "a".to_owned(),
        "a.b".to_owned(),
        "...".to_owned(),
        signed.to_owned(),
        format!("{signed}."),
        format!("{good}."),
        format!("{good}=="),
        format!("{good}.{signature}"),
        format!("{header}.{forged}.{signature}"),
        format!("{header}..{signature}"),
        format!("{}.{payload}.{signature}", base64url(b"[]")),
        good.to_ascii_lowercase(),
        Key::secret("another secret of thirty-two bytes").token(&claims(&app, "ada")),
        key.token(&json!([1])),
        key.token(&padded),
        key.token_with_raw_header(
            &json!({"alg": "HS256", "crit": ["b64"]}),
            &claims(&app, "ada"),
        ),
        key.token_with_raw_header(&json!({"alg": "HS256", "crit": []}), &claims(&app, "ada")),
        key.token_with_raw_header(
            &json!({"alg": "HS256", "b64": false, "crit": ["b64"]}),
            &claims(&app, "ada"),
        ),
    ] {
        let answer = call(&app, &token).await;
        assert_refused(&answer, &token);
    }
}

#[tokio::test]
async fn a_cookie_may_hold_the_token_and_opens_the_stream() {
    let app = with_secret().set("JWT_COOKIE", "site_login").start().await;
    let key = Key::secret(SECRET);
    let token = key.token(&claims(&app, "ada"));
    let mut ada = app.newcomer();
    ada.cookie = Some(format!("theme=dark; site_login={token}"));
    ada.get("/api/accounts").send().await.assert_status(200);
    let mut page = ada.watches(None).await;
    assert_eq!(page.next_of("snapshot").await, json!({"accounts": []}));

    // The same rules for pages hold as with a session.
    ada.get("/api/accounts")
        .without("x-mono-connect")
        .send()
        .await
        .assert_problem(403, "forbidden_origin");
    ada.post("/api/session")
        .header("origin", "https://evil.example")
        .send()
        .await
        .assert_problem(403, "forbidden_origin");

    // A header that is refused is not replaced by a cookie that would pass.
    let answer = ada
        .get("/api/accounts")
        .header("authorization", "Bearer nonsense")
        .send()
        .await;
    assert_refused(&answer, "header first");
    // Another scheme is for whoever stands before us.
    ada.get("/api/accounts")
        .header("authorization", "Basic YTpi")
        .send()
        .await
        .assert_status(200);
    for cookie in [
        format!("site_login={token}; site_login={token}"),
        format!("other={token}"),
        format!("site_login2={token}"),
        "site_login=".to_owned(),
        "mono_connect_session=x".to_owned(),
    ] {
        ada.cookie = Some(cookie.clone());
        let answer = ada.get("/api/accounts").send().await;
        assert_refused(&answer, &cookie);
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_login_that_opened_it() {
    let app = with_secret().set("JWT_COOKIE", "site_login").start().await;
    let token = Key::secret(SECRET).token(&json!({"sub": "ada", "exp": seconds(&app) + 60}));
    let mut ada = app.newcomer();
    ada.cookie = Some(format!("site_login={token}"));
    let mut page = ada.watches(None).await;
    page.next_of("snapshot").await;
    assert!(page.is_quiet().await);
    app.advance(std::time::Duration::from_secs(90)).await;
    assert!(page.ends().await, "nothing is told to a login that is over");
}
