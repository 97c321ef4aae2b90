//! `JWT_JWKS_URL`: keys that the site's login publishes.

use std::time::Duration;

use mono_connect_tests::{Answer as Reply, TestApp};
use serde_json::json;

use super::issuer::{Answer, Key, Publisher, bearer, claims};

async fn app(publisher: &Publisher) -> TestApp {
    TestApp::builder()
        .one_proxy()
        .set("AUTH_MODE", "jwt")
        .set("JWT_JWKS_URL", &publisher.url)
        .start()
        .await
}

async fn call(app: &TestApp, token: &str) -> Reply {
    app.newcomer()
        .get("/api/accounts")
        .header("authorization", &bearer(token))
        .send()
        .await
}

fn token(app: &TestApp, key: &Key) -> String {
    let id = key.jwk["kid"].as_str().unwrap();
    key.token_naming(id, &claims(app, "ada"))
}

async fn advance(app: &TestApp, seconds: u64) {
    app.advance(Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn every_kind_of_key_is_found_by_its_name() {
    let keys = [Key::rsa("r"), Key::ec("c"), Key::ed("d")];
    let publisher = Publisher::of(&keys.each_ref()).await;
    let app = app(&publisher).await;
    for key in &keys {
        call(&app, &token(&app, key)).await.assert_status(200);
    }
    assert_eq!(publisher.was_asked(), 1, "one question serves all");
    // One key's name does not make another's signature good.
    let crossed = keys[2].token_naming("c", &claims(&app, "ada"));
    call(&app, &crossed)
        .await
        .assert_problem(401, "unauthenticated");
    // A token that names no key is for the only one of its kind.
    let unnamed = keys[0].token(&claims(&app, "ada"));
    call(&app, &unnamed).await.assert_status(200);
}

#[tokio::test]
async fn many_at_once_share_one_question() {
    let key = Key::ed("d");
    let publisher = Publisher::of(&[&key]).await;
    let app = app(&publisher).await;
    let good = token(&app, &key);
    let calls = (0..20).map(|_| call(&app, &good));
    for answer in futures_util::future::join_all(calls).await {
        answer.assert_status(200);
    }
    assert_eq!(publisher.was_asked(), 1);
}

#[tokio::test]
async fn a_new_key_is_asked_for_at_most_once_a_minute() {
    let (first, second, third) = (Key::ed("1"), Key::ed("2"), Key::ed("3"));
    let publisher = Publisher::of(&[&first]).await;
    let app = app(&publisher).await;
    call(&app, &token(&app, &first)).await.assert_status(200);

    publisher.publishes(&[&first, &second]);
    call(&app, &token(&app, &second)).await.assert_status(200);
    assert_eq!(publisher.was_asked(), 2);

    publisher.publishes(&[&third]);
    for _ in 0..5 {
        let answer = call(&app, &token(&app, &third)).await;
        answer.assert_problem(401, "unauthenticated");
        advance(&app, 10).await;
    }
    assert_eq!(publisher.was_asked(), 2);
    advance(&app, 10).await;
    call(&app, &token(&app, &third)).await.assert_status(200);
    assert_eq!(publisher.was_asked(), 3);
    // What is published no more is worth nothing.
    let answer = call(&app, &token(&app, &first)).await;
    answer.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn old_keys_are_asked_for_again_and_kept_when_there_is_no_answer() {
    let (first, second) = (Key::ed("1"), Key::ed("2"));
    let publisher = Publisher::of(&[&first]).await;
    let app = app(&publisher).await;
    call(&app, &token(&app, &first)).await.assert_status(200);

    publisher.fails();
    advance(&app, 24 * 3600 - 1).await;
    call(&app, &token(&app, &first)).await.assert_status(200);
    assert_eq!(publisher.was_asked(), 2);
    call(&app, &token(&app, &first)).await.assert_status(200);
    assert_eq!(
        publisher.was_asked(),
        2,
        "a failure is not repeated at once"
    );
    // Not for ever: a key may have been withdrawn meanwhile.
    advance(&app, 1).await;
    let answer = call(&app, &token(&app, &first)).await;
    answer.assert_problem(503, "upstream_unavailable");

    publisher.publishes(&[&second]);
    advance(&app, 60).await;
    let answer = call(&app, &token(&app, &first)).await;
    answer.assert_problem(401, "unauthenticated");
    call(&app, &token(&app, &second)).await.assert_status(200);
}

#[tokio::test]
async fn answers_that_make_no_sense_change_nothing() {
    let key = Key::ed("1");
    let publisher = Publisher::of(&[&key]).await;
    let app = app(&publisher).await;
    call(&app, &token(&app, &key)).await.assert_status(200);
    let elsewhere = Publisher::of(&[&Key::ed("1")]).await;
    let good = json!({"keys": [key.jwk]}).to_string();
    for (status, location, body) in [
        (200, None, String::new()),
        (200, None, "[]".to_owned()),
        (200, None, "{\"keys\": {}}".to_owned()),
        (200, None, "{\"keys\": []}".to_owned()),
        (
            200,
            None,
            "{\"keys\": [null, 1, {\"kty\": \"x\"}]}".to_owned(),
        ),
        (200, None, format!("{good}{}", " ".repeat(300 * 1024))),
        (404, None, good.clone()),
        (302, Some(elsewhere.url.clone()), good.clone()),
    ] {
        publisher.answers(Answer {
            status,
            location,
            body,
        });
        advance(&app, 3600).await;
        call(&app, &token(&app, &key)).await.assert_status(200);
    }
    assert_eq!(publisher.was_asked(), 9, "each was asked for");
    assert_eq!(elsewhere.was_asked(), 0, "no redirect is followed");
}

#[tokio::test]
async fn without_any_keys_it_is_not_the_callers_fault() {
    let key = Key::ed("1");
    let publisher = Publisher::of(&[&key]).await;
    let app = app(&publisher).await;
    publisher.fails();
    let answer = call(&app, &token(&app, &key)).await;
    answer.assert_problem(503, "upstream_unavailable");
    assert!(answer.header("retry-after").is_some());
    publisher.publishes(&[&key]);
    advance(&app, 5).await;
    call(&app, &token(&app, &key)).await.assert_status(200);
}

#[tokio::test]
async fn what_is_published_is_a_public_key_for_signatures() {
    let shared = "a secret of thirty-two bytes or more";
    let mut encryption = Key::rsa("enc");
    encryption.jwk["use"] = json!("enc");
    let mut other_algorithm = Key::rsa("ps");
    other_algorithm.jwk["alg"] = json!("PS256");
    let mut signs_only = Key::ec("ops");
    signs_only.jwk["key_ops"] = json!(["sign"]);
    let (twin, other_twin) = (Key::ed("twin"), Key::ed("twin"));
    let mut symmetric = Key::secret(shared);
    symmetric.jwk = json!({
        "kty": "oct", "kid": "oct", "alg": "HS256", "k": super::issuer::base64url(shared.as_bytes()),
    });
    let refused = [
        &encryption,
        &other_algorithm,
        &signs_only,
        &twin,
        &other_twin,
        &symmetric,
    ];
    let fine = Key::ed("fine");
    let mut keys = refused.to_vec();
    keys.push(&fine);
    let publisher = Publisher::of(&keys).await;
    let app = app(&publisher).await;
    call(&app, &token(&app, &fine)).await.assert_status(200);
    for key in refused {
        let answer = call(&app, &token(&app, key)).await;
        assert_eq!(answer.status, 401, "{}", key.jwk);
    }
    // Of several keys none is the only one.
    let answer = call(&app, &fine.token(&claims(&app, "ada"))).await;
    answer.assert_problem(401, "unauthenticated");
}
