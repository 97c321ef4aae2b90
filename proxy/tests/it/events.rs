//! An open stream of events while nothing happens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt as _;
use mono_connect_proxy::App;
use mono_connect_proxy::clock::SystemClock;
use mono_connect_proxy::config::{Config, Source};
use mono_connect_proxy::random::SystemRandom;
use mono_connect_store::MemoryStore;
use tokio::time::Instant;
use tower::ServiceExt as _;

fn app() -> App {
    let environment = |name: &str| {
        let value = match name {
            "MONO_SECRET_KEY" => "test_sk_nobody",
            "MONO_PUBLIC_KEY" => "test_pk_nobody",
            "MONO_WEBHOOK_SECRET" => "nobody",
            "SESSION_KEY" => return Some("5e".repeat(32).into()),
            _ => return None,
        };
        Some(value.into())
    };
    let config = Config::read(Source::new(BTreeMap::new(), &environment)).unwrap();
    let store = Arc::new(MemoryStore::default());
    App::new(
        &config,
        store,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )
    .unwrap()
}

/// Time passes only while everything waits for it.
#[tokio::test(start_paused = true)]
async fn a_comment_every_fifteen_seconds_keeps_a_stream_open() {
    let app = app();
    let session = Request::post("/api/session")
        .header("x-mono-connect", "1")
        .body(Body::empty())
        .unwrap();
    let session = app.public.clone().oneshot(session).await.unwrap();
    let cookie = session.headers()[header::SET_COOKIE].to_str().unwrap();
    let watch = Request::get("/api/events")
        .header(header::COOKIE, cookie.split(';').next().unwrap())
        .body(Body::empty())
        .unwrap();
    let answer = app.public.clone().oneshot(watch).await.unwrap();
    assert_eq!(answer.status(), 200);

    let mut stream = answer.into_body();
    let mut next = async || {
        let frame = stream.frame().await.unwrap().unwrap();
        String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
    };
    assert!(next().await.contains("event: snapshot"));
    for _ in 0..4 {
        let since = Instant::now();
        let comment = next().await;
        assert!(comment.starts_with(':'), "{comment}");
        assert!(comment.ends_with("\n\n"), "{comment:?}");
        let waited = since.elapsed();
        let expected = Duration::from_secs(15)..Duration::from_millis(15_010);
        assert!(expected.contains(&waited), "{waited:?}");
    }
}
