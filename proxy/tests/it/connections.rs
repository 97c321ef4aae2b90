//! The accept loop. tokio's clock stands still and jumps when nothing else can happen, so that
//! minutes pass in no time.

use axum::Router;
use axum::routing::get;
use mono_connect_proxy::server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

async fn serving() -> (
    std::net::SocketAddr,
    CancellationToken,
    tokio::task::JoinHandle<()>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", get(|| async { "hello" }));
    let shutdown = CancellationToken::new();
    let server = tokio::spawn(server::serve(listener, router, shutdown.clone()));
    (address, shutdown, server)
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    // A reset is an end as well.
    let _ = stream.read_to_string(&mut text).await;
    text
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_closed() {
    let (address, ..) = serving().await;
    for head in ["", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let started = Instant::now();
        rest(stream).await;
        let waited = started.elapsed().as_secs();
        assert!(
            (14..=16).contains(&waited),
            "{head:?}: closed after {waited} s"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_more_is_closed() {
    let (address, ..) = serving().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let started = Instant::now();
    assert!(rest(stream).await.ends_with("hello"));
    assert!(started.elapsed().as_secs() <= 16);
}

#[tokio::test]
async fn nonsense_is_refused_and_closed() {
    let (address, ..) = serving().await;
    let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(100_000));
    for (nonsense, status) in [
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", None),
        ("\x16\x03\x01\x02\x00\x01", None),
        (
            "GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            Some("400"),
        ),
        ("GET / HTTP/1.1\r\nx y: 1\r\n\r\n", Some("400")),
        (long.as_str(), Some("431")),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let _ = stream.write_all(nonsense.as_bytes()).await;
        stream.shutdown().await.unwrap();
        let answer = rest(stream).await;
        match status {
            Some(status) => {
                assert!(
                    answer.starts_with(&format!("HTTP/1.1 {status}")),
                    "{answer}"
                );
            }
            None => assert!(!answer.contains("200 OK"), "{answer}"),
        }
    }
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let (address, shutdown, server) = serving().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answer = [0; 15];
    stream.read_exact(&mut answer).await.unwrap();
    shutdown.cancel();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(10), server);
    ended
        .await
        .expect("it ends although the connection is open")
        .unwrap();
}

#[tokio::test]
async fn who_is_connected_when_the_end_begins_is_served() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        stream.write_all(request).await.unwrap();
        streams.push(stream);
    }
    let router = Router::new().route("/", get(|| async { "hello" }));
    let shutdown = CancellationToken::new();
    shutdown.cancel();
    let server = tokio::spawn(server::serve(listener, router, shutdown));
    for stream in streams {
        assert!(rest(stream).await.ends_with("hello"));
    }
    server.await.unwrap();
}

/// Says when it is dropped, that is when its connection is.
struct Endless(Option<tokio::sync::oneshot::Sender<()>>);

impl Drop for Endless {
    fn drop(&mut self) {
        let _ = self.0.take().map(|dropped| dropped.send(()));
    }
}

#[tokio::test]
async fn who_takes_nothing_is_dropped() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (dropped, was_dropped) = tokio::sync::oneshot::channel();
    let guard = std::sync::Mutex::new(Some(Endless(Some(dropped))));
    let guard = std::sync::Arc::new(guard);
    let router = Router::new().route(
        "/",
        get(move || {
            let guard = guard.lock().unwrap().take();
            async move {
                let chunks = futures_util::stream::repeat_with(move || {
                    // Owned by the stream, so that it lives as long.
                    let _held = &guard;
                    Ok::<_, std::io::Error>(vec![b'x'; 64 * 1024])
                });
                axum::body::Body::from_stream(chunks)
            }
        }),
    );
    let limits = server::Limits {
        unread_timeout: std::time::Duration::from_millis(300),
        ..server::Limits::default()
    };
    let shutdown = CancellationToken::new();
    tokio::spawn(server::serve_within(listener, router, shutdown, limits));

    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    // It asks, and never reads.
    let ended = tokio::time::timeout(std::time::Duration::from_mins(1), was_dropped).await;
    ended.expect("the connection is dropped").unwrap();
    drop(stream);
}
