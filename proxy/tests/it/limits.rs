//! What one peer may take of the process. tokio's clock jumps when nothing else can happen.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use http_body_util::BodyExt as _;
use mono_connect_proxy::clock::{Clock as _, SystemClock};
use mono_connect_proxy::config::{Config, Source};
use mono_connect_proxy::random::SystemRandom;
use mono_connect_proxy::{App, server};
use mono_connect_shared::id::Reference;
use mono_connect_shared::lifecycle::State;
use mono_connect_store::{
    AccountRecord, LinkSessionRecord, LinkStore as _, MemoryStore, NewLink, Profile,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

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

/// An account that takes longer to tell than the sockets hold.
fn wordy_account(user: &str) -> NewLink {
    let now = SystemClock.now();
    let reference: Reference = "mcl_wordy".parse().unwrap();
    let account = AccountRecord {
        id: "wordy".parse().unwrap(),
        user: user.parse().unwrap(),
        version: 1,
        profile: Profile {
            name: Some("x".repeat(32 * 1024 * 1024)),
            ..Profile::default()
        },
        state: State::linked(),
        reference: reference.clone(),
        consent: None,
        duplicate_of: None,
        linked_at: now,
        updated_at: now,
    };
    NewLink {
        account,
        reference,
        exchanged: true,
        message: None,
    }
}

#[tokio::test]
async fn who_reads_no_events_is_dropped_and_holds_up_nobody() {
    let variables: BTreeMap<&str, &str> = [
        ("MONO_SECRET_KEY", "test_sk_none"),
        ("MONO_PUBLIC_KEY", "test_pk_none"),
        ("MONO_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("MONO_API_URL", "http://127.0.0.1:9"),
        ("AUTH_MODE", "forwarded"),
        ("FORWARDED_TRUSTED_PROXIES", "127.0.0.0/8"),
    ]
    .into();
    let environment = |name: &str| variables.get(name).map(|value| (*value).into());
    let config = Config::read(Source::new(BTreeMap::new(), &environment)).unwrap();
    let store = Arc::new(MemoryStore::default());
    let link = wordy_account("ada");
    let session = LinkSessionRecord {
        reference: link.reference.clone(),
        user: link.account.user.clone(),
        created_at: link.account.linked_at,
        expires_at: link.account.linked_at,
        consent: None,
        account: None,
        exchanged: false,
    };
    store.add_link_session(&session).await.unwrap();
    store.finish_link(&link).await.unwrap();
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let app = App::new(&config, store, clock, random).unwrap();
    let limits = server::Limits {
        unread_timeout: Duration::from_millis(300),
        ..server::Limits::default()
    };
    let address = serving(app.public, limits).await;
    let open_streams = async || {
        let request = Request::get("/metrics").body(Body::empty()).unwrap();
        let answer = app.admin.clone().oneshot(request).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let gauge = lines.find(|line| line.contains("event_streams "));
        gauge.unwrap().rsplit(' ').next().unwrap().to_owned()
    };
    let watch = |user: &str| {
        format!("GET /api/events HTTP/1.1\r\nhost: x\r\nx-forwarded-user: {user}\r\n\r\n")
    };
    let mut slow = TcpStream::connect(address).await.unwrap();
    assert_eq!(status(&mut slow, &watch("ada")).await, "200");
    let mut quick = TcpStream::connect(address).await.unwrap();
    assert_eq!(status(&mut quick, &watch("bob")).await, "200");
    assert_eq!(open_streams().await, "2");
    // It reads no further, and is not waited for.
    let dropped = async {
        while open_streams().await != "1" {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_mins(1), dropped)
        .await
        .expect("it is dropped");
    let mut told = vec![0; 4096];
    let count = quick.read(&mut told).await.unwrap();
    assert!(String::from_utf8_lossy(&told[..count]).contains("event: snapshot"));
    drop(slow);
}
