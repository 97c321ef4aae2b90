//! What one peer may take of the process. tokio's clock jumps when nothing else can happen.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use mono_connect_proxy::clock::SystemClock;
use mono_connect_proxy::config::{Config, Source};
use mono_connect_proxy::random::SystemRandom;
use mono_connect_proxy::{App, server};
use mono_connect_store::MemoryStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

const WEBHOOK_SECRET: &str = "webhook_secret_simulator";

async fn serving(router: Router, limits: server::Limits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    tokio::spawn(server::serve_within(listener, router, shutdown, limits));
    address
}

/// The whole proxy, in front of nothing.
async fn proxy() -> SocketAddr {
    let key = "5e".repeat(32);
    let variables: BTreeMap<&str, &str> = [
        ("MONO_SECRET_KEY", "test_sk_none"),
        ("MONO_PUBLIC_KEY", "test_pk_none"),
        ("MONO_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("MONO_API_URL", "http://127.0.0.1:9"),
        ("SESSION_KEY", &key),
    ]
    .into();
    let environment = |name: &str| variables.get(name).map(Into::into);
    let config = Config::read(Source::new(BTreeMap::new(), &environment)).unwrap();
    let store = Arc::new(MemoryStore::default());
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let app = App::new(&config, store, clock, random).unwrap();
    serving(app.public, server::Limits::default()).await
}

/// Sends this and reads until the status is there; empty where the connection ended without.
async fn status(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    match stream.read_exact(&mut answer).await {
        Ok(_) => String::from_utf8_lossy(&answer[9..]).into_owned(),
        Err(_) => String::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up() {
    let address = proxy().await;
    let secret = format!("mono-webhook-secret: {WEBHOOK_SECRET}\r\n");
    for (path, secret) in [
        ("/api/session", ""),
        ("/api/link-sessions", ""),
        ("/webhooks/mono", secret.as_str()),
    ] {
        for length in ["content-length: 50\r\n", "transfer-encoding: chunked\r\n"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let begun = if length.contains("chunked") {
                "5\r\n{\"a\":"
            } else {
                "{\"a\":"
            };
            let request = format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\nx-mono-connect: 1\r\n{secret}\
                 content-type: application/json\r\n{length}\r\n{begun}"
            );
            let started = Instant::now();
            assert_eq!(status(&mut stream, &request).await, "408", "{path}");
            let waited = started.elapsed().as_secs();
            assert!((14..=16).contains(&waited), "{path}: after {waited} s");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_secret_no_body_is_waited_for() {
    let address = proxy().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "POST /webhooks/mono HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
    let started = Instant::now();
    assert_eq!(status(&mut stream, request).await, "401");
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_head_may_hold_so_many_headers() {
    let address = proxy().await;
    let head = |headers: usize| {
        let headers: Vec<String> = (0..headers).map(|n| format!("x-{n}: 1\r\n")).collect();
        let headers = headers.concat();
        format!("GET /api/config HTTP/1.1\r\nhost: x\r\n{headers}\r\n")
    };
    for (headers, expected) in [(50, "200"), (101, "431"), (4000, "431")] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let status = status(&mut stream, &head(headers)).await;
        assert_eq!(status, expected, "{headers}");
    }
}

#[tokio::test(start_paused = true)]
async fn more_connections_wait_for_one_to_end() {
    let router = Router::new().route("/", get(|| async { "hello" }));
    let limits = server::Limits {
        connections: 2,
        ..server::Limits::default()
    };
    let address = serving(router, limits).await;
    let request = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert_eq!(status(&mut stream, request).await, "200");
        open.push(stream);
    }
    let mut third = TcpStream::connect(address).await.unwrap();
    let early = timeout(Duration::from_secs(5), status(&mut third, request)).await;
    assert!(early.is_err(), "it waits: {early:?}");
    open.pop();
    let mut answer = [0; 12];
    third.read_exact(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"200"));
}
