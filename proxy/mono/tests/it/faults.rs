//! Connections that break, hang, lie about their length or never end.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mono_client::{AccountId, Client, Error, Generation, TransactionsQuery};
use rustls::pki_types::PrivateKeyDer;

use crate::upstream::{Reply, Upstream, answer, json};

const GOOD: &str = r#"{"data":{"balance":1,"currency":"NGN"}}"#;

fn id() -> AccountId {
    "5fbcde8f8699984153e65537".parse().unwrap()
}

#[tokio::test]
async fn a_read_survives_two_resets_and_no_more() {
    let good = Reply::Bytes(json(200, GOOD));
    let upstream = Upstream::start([Reply::Reset, Reply::Reset, good]).await;
    assert!(
        upstream
            .client(Generation::V2)
            .balance(&id())
            .await
            .unwrap()
            .is_some()
    );

    let upstream = Upstream::start([Reply::Reset, Reply::Reset, Reply::Reset]).await;
    let error = upstream
        .client(Generation::V2)
        .balance(&id())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    assert_eq!(upstream.seen().len(), 3);
}

#[tokio::test]
async fn a_read_survives_a_pooled_connection_that_has_died() {
    let good = Reply::Bytes(json(200, GOOD));
    let upstream = Upstream::start([good.clone(), Reply::Reset, good]).await;
    let client = upstream.client(Generation::V2);
    assert!(client.balance(&id()).await.unwrap().is_some());
    assert!(client.balance(&id()).await.unwrap().is_some());
    let connections: Vec<_> = upstream.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [1, 1, 2]);
}

#[tokio::test]
async fn a_write_that_may_have_arrived_is_never_repeated() {
    let good = Reply::Bytes(json(200, r#"{"id":"a"}"#));
    // On a new connection and on one from the pool.
    let upstream = Upstream::start([Reply::Reset, good.clone(), Reply::Reset]).await;
    let client = upstream.client(Generation::V2);
    for expected in [1, 3] {
        let error = client.exchange("code_x").await.unwrap_err();
        assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
        assert!(error.may_have_been_carried_out());
        assert!(std::error::Error::source(&error).is_some());
        assert_eq!(upstream.seen().len(), expected);
        if expected == 1 {
            client.exchange("code_x").await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_was_never_sent_is_tried_again_even_if_it_is_a_write() {
    // A server that ends every TLS handshake has seen nothing of a request.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let connections = Arc::clone(&connections);
        async move {
            while listener.accept().await.is_ok() {
                connections.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let upstream = Upstream::start([]).await;
    let client = upstream.client_with(Generation::V2, |mut config| {
        config.api_url = format!("https://127.0.0.1:{port}").parse().unwrap();
        config
    });
    for error in [
        client.exchange("code_x").await.unwrap_err(),
        client.balance(&id()).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert!(!error.may_have_been_carried_out());
    }
    assert_eq!(connections.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let port = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let upstream = Upstream::start([]).await;
    let client = upstream.client_with(Generation::V2, |mut config| {
        config.api_url = format!("http://127.0.0.1:{port}").parse().unwrap();
        config
    });
    for error in [
        client.balance(&id()).await.unwrap_err(),
        client.exchange("code_x").await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert!(!error.may_have_been_carried_out());
        let chain = format!("{error:?} {:?}", std::error::Error::source(&error));
        assert!(!chain.contains(&format!("{port}/v2")), "{chain}");
    }
}

/// Runs a call against a server that stops answering; the clock runs ahead as soon as it has.
async fn times_out(reply: Reply) -> Error {
    let upstream = Upstream::start([reply]).await;
    let client = upstream.client(Generation::V2);
    let call = tokio::spawn(async move { client.balance(&id()).await });
    upstream.arrived(1).await;
    tokio::time::pause();
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(
        upstream.seen().len(),
        1,
        "the time is up: nothing is repeated"
    );
    error
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let error = times_out(Reply::BytesThenHang(Vec::new())).await;
    assert!(matches!(error, Error::Timeout { sent: true }), "{error:?}");
}

#[tokio::test]
async fn half_a_head_is_a_timeout() {
    let error = times_out(Reply::BytesThenHang(
        b"HTTP/1.1 200 OK\r\ncontent-".to_vec(),
    ))
    .await;
    assert!(matches!(error, Error::Timeout { sent: true }), "{error:?}");
}

#[tokio::test]
async fn half_a_body_is_a_timeout() {
    let whole = json(200, GOOD);
    let error = times_out(Reply::BytesThenHang(whole[..whole.len() - 5].to_vec())).await;
    assert!(matches!(error, Error::Timeout { sent: true }), "{error:?}");
}

#[tokio::test]
async fn a_handshake_that_never_ends_has_sent_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let upstream = Upstream::start([]).await;
    let client = upstream.client_with(Generation::V2, |mut config| {
        config.api_url = format!("https://127.0.0.1:{port}").parse().unwrap();
        config
    });
    let call = tokio::spawn(async move { client.exchange("code_x").await });
    let _silent = listener.accept().await.unwrap();
    tokio::time::pause();
    let error = call.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Timeout { sent: false }), "{error:?}");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_no_request() {
    let (port, server) = tls_server();
    let upstream = Upstream::start([]).await;
    let client = upstream.client_with(Generation::V2, |mut config| {
        config.api_url = format!("https://localhost:{port}").parse().unwrap();
        config
    });
    let error = client.exchange("code_x").await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    let received = server.join().unwrap();
    assert_eq!(
        received, [0; 3],
        "bytes of requests that the server could read"
    );
}

/// A server with a certificate of its own making. It takes three connections, and returns how
/// much it could decrypt of each.
fn tls_server() -> (u16, std::thread::JoinHandle<Vec<usize>>) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let received = |_| {
            let (socket, _) = listener.accept().unwrap();
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, socket);
            let mut bytes = Vec::new();
            // It ends with the client's refusal of the certificate.
            let refusal = stream.read_to_end(&mut bytes).unwrap_err();
            assert!(refusal.to_string().contains("UnknownCA"), "{refusal}");
            bytes.len()
        };
        (0..3).map(received).collect()
    });
    (port, server)
}

#[tokio::test]
async fn an_answer_cut_anywhere_is_never_a_success() {
    let whole = json(200, GOOD);
    let head = whole.len() - GOOD.len();
    for cut in 0..whole.len() {
        let part = Reply::BytesThenClose(whole[..cut].to_vec());
        let upstream = Upstream::start(vec![part; 3]).await;
        let error = upstream
            .client(Generation::V2)
            .balance(&id())
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Interrupted { .. }),
            "cut at {cut}: {error:?}"
        );
        // An answer that had begun may have been charged for.
        assert_eq!(
            upstream.seen().len(),
            if cut < head { 3 } else { 1 },
            "cut at {cut}"
        );
    }
}

#[tokio::test]
async fn a_cut_chunk_is_never_a_success() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let whole = format!("{head}{:x}\r\n{GOOD}\r\n0\r\n\r\n", GOOD.len());
    for cut in [
        head.len() + 3,
        head.len() + 20,
        whole.len() - 5,
        whole.len() - 2,
    ] {
        let reply = Reply::BytesThenClose(whole.as_bytes()[..cut].to_vec());
        let upstream = Upstream::start([reply]).await;
        let error = upstream
            .client(Generation::V2)
            .balance(&id())
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Interrupted { .. }),
            "cut at {cut}: {error:?}"
        );
    }
    let upstream = Upstream::start([Reply::Bytes(whole.into_bytes())]).await;
    assert!(
        upstream
            .client(Generation::V2)
            .balance(&id())
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_length_beyond_the_limit_is_not_waited_for() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 4194305\r\n\r\n{".to_vec();
    let upstream = Upstream::start([Reply::BytesThenHang(head)]).await;
    let error = upstream
        .client(Generation::V2)
        .balance(&id())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TooLarge), "{error:?}");
}

#[tokio::test]
async fn a_stream_without_end_is_cut_at_the_limit() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let upstream = Upstream::start([Reply::Endless(head, vec![b' '; 65_536])]).await;
    let error = upstream
        .client(Generation::V2)
        .balance(&id())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TooLarge), "{error:?}");
    upstream.ended(1).await;
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_large_one_is_cut_at_the_limit() {
    let bomb = gzip_of_spaces(16 * 1024 * 1024);
    assert!(bomb.len() < 128 * 1024, "{}", bomb.len());
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        bomb.len()
    );
    let upstream = Upstream::start([Reply::Bytes([head.into_bytes(), bomb].concat())]).await;
    let error = upstream
        .client(Generation::V2)
        .balance(&id())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TooLarge), "{error:?}");
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    // `{"data":{"balance":7}}`
    let packed: &[u8] = &[
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x4a, 0x49, 0x2c,
        0x49, 0x54, 0xb2, 0xaa, 0x56, 0x4a, 0x4a, 0xcc, 0x49, 0xcc, 0x4b, 0x4e, 0x55, 0xb2, 0x32,
        0xaf, 0xad, 0x05, 0x00, 0x4c, 0xe2, 0x1e, 0x55, 0x16, 0x00, 0x00, 0x00,
    ];
    let length = packed.len();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n");
    for (cut, is_whole) in [(0, true), (1, false), (8, false), (12, false)] {
        let bytes = [head.as_bytes(), &packed[..length - cut]].concat();
        let upstream = Upstream::start([Reply::BytesThenClose(bytes)]).await;
        let balance = upstream.client(Generation::V2).balance(&id()).await;
        if is_whole {
            assert_eq!(balance.unwrap().unwrap().balance, Some(7));
        } else {
            assert!(
                matches!(balance, Err(Error::Interrupted { .. })),
                "{cut}: {balance:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_claims_to_be_gzip_and_is_not_is_no_success() {
    let reply = Reply::Bytes(answer(200, &["content-encoding: gzip"], GOOD));
    let upstream = Upstream::start([reply]).await;
    let error = upstream
        .client(Generation::V2)
        .balance(&id())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
}

#[tokio::test]
async fn nesting_without_end_does_not_overflow_the_stack() {
    let deep = "[".repeat(100_000);
    let closed = format!("{deep}{}", "]".repeat(100_000));
    let bodies = [
        deep.clone(),
        closed.clone(),
        r#"{"data":"#.repeat(100_000),
        format!(r#"{{"data":{closed}}}"#),
        format!(r#"{{"data":{{"transactions":[{{"type":{closed}}}]}}}}"#),
        format!(r#"{{"meta":{closed},"id":{closed},"data":{{"account":{closed}}}}}"#),
    ];
    for body in bodies {
        let upstream = Upstream::start(vec![Reply::Bytes(json(200, &body)); 4]).await;
        let client = upstream.client(Generation::V2);
        let query = TransactionsQuery::default();
        assert!(matches!(
            client.account(&id()).await,
            Err(Error::Malformed { .. })
        ));
        // The only row of a list is left out, and an object without its list has none.
        match client.transactions(&id(), &query).await {
            Err(Error::Malformed { .. }) | Ok(None) => {}
            Ok(Some(page)) => assert_eq!((page.rows.len(), page.skipped), (0, 1)),
            other => panic!("{other:?}"),
        }
        assert!(client.exchange("code_x").await.is_err());
    }
    // Where it stands in a field that nobody reads, it is skipped.
    let ignored = format!(r#"{{"data":{{"balance":1,"new":{closed}}},"later":{closed}}}"#);
    let upstream = Upstream::answering(200, &ignored).await;
    assert!(
        upstream
            .client(Generation::V2)
            .balance(&id())
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn no_more_calls_are_under_way_than_allowed() {
    let upstream = Upstream::start(vec![Reply::Gated(json(200, GOOD)); 7]).await;
    let client = upstream.client_with(Generation::V2, |mut config| {
        config.concurrency = 3;
        config
    });
    let calls: Vec<_> = (0..7)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.balance(&id()).await })
        })
        .collect();
    upstream.arrived(3).await;
    for answered in 1..=7 {
        upstream.open_gate(1);
        upstream.arrived((answered + 3).min(7)).await;
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(upstream.most_in_flight(), 3);
}

#[tokio::test]
async fn a_caller_who_goes_away_frees_his_place() {
    let hang = Reply::BytesThenHang(Vec::new());
    let upstream = Upstream::start([hang, Reply::Bytes(json(200, GOOD))]).await;
    let client = upstream.client_with(Generation::V2, |mut config| {
        config.concurrency = 1;
        config
    });
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.balance(&id()).await }
    });
    upstream.arrived(1).await;
    first.abort();
    let started = Instant::now();
    assert!(client.balance(&id()).await.unwrap().is_some());
    upstream.ended(1).await;
    assert!(started.elapsed() < Duration::from_secs(5));
}

/// Five answers that open the account's circuit, and a client for which it is open.
async fn failing(then: Vec<Reply>) -> (Upstream, Client) {
    let failed = vec![Reply::Bytes(json(500, "{}")); 5];
    let upstream = Upstream::start([failed, then].concat()).await;
    let client = upstream.client(Generation::V2);
    for _ in 0..5 {
        let error = client.balance(&id()).await.unwrap_err();
        assert!(matches!(error, Error::Failed { status: 500 }), "{error:?}");
    }
    (upstream, client)
}

/// The clock runs ahead, past the first pause of a circuit.
async fn pause_is_over() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(1)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_failing_call_is_left_alone_until_a_probe_is_answered() {
    let transactions = json(200, r#"{"data":[]}"#);
    let then = [
        json(200, GOOD),
        json(503, "{}"),
        transactions,
        json(200, GOOD),
    ];
    let then = then.map(Reply::Bytes);
    let (upstream, client) = failing(then.to_vec()).await;
    let error = client.balance(&id()).await.unwrap_err();
    assert!(matches!(error, Error::Paused { .. }), "{error:?}");
    assert!(!error.may_have_been_carried_out());
    assert_eq!(upstream.seen().len(), 5);
    // What fails for one account is well for another.
    let other = "b".parse().unwrap();
    assert!(client.balance(&other).await.unwrap().is_some());

    pause_is_over().await;
    // A probe is not repeated, although a read that was answered 503 would be.
    let error = client.balance(&id()).await.unwrap_err();
    assert!(matches!(error, Error::Failed { status: 503 }), "{error:?}");
    assert_eq!(upstream.seen().len(), 7);
    // Twice as long now.
    pause_is_over().await;
    let error = client.balance(&id()).await.unwrap_err();
    assert!(matches!(error, Error::Paused { .. }), "{error:?}");
    let query = TransactionsQuery::default();
    client.transactions(&id(), &query).await.unwrap();
    pause_is_over().await;
    assert!(client.balance(&id()).await.unwrap().is_some());
}

#[tokio::test]
async fn probes_whose_callers_go_away_do_not_leave_the_circuit_open() {
    let hang = Reply::BytesThenHang(Vec::new());
    let then = vec![hang, Reply::Bytes(json(200, GOOD))];
    let (upstream, client) = failing(then).await;
    pause_is_over().await;
    let probe = tokio::spawn({
        let client = client.clone();
        async move { client.balance(&id()).await }
    });
    upstream.arrived(6).await;
    let error = client.balance(&id()).await.unwrap_err();
    assert!(matches!(error, Error::Paused { .. }), "{error:?}");
    probe.abort();
    assert!(probe.await.unwrap_err().is_cancelled());
    assert!(client.balance(&id()).await.unwrap().is_some());
}

#[tokio::test]
async fn answers_that_are_no_failures_open_nothing() {
    let odd = [
        json(400, "{}"),
        json(401, "{}"),
        json(404, "{}"),
        json(422, "{}"),
        json(429, "{}"),
        json(200, r#"{"data":null}"#),
        json(200, "<html>"),
    ];
    let script: Vec<_> = odd.iter().cycle().take(70).cloned().collect();
    let upstream = Upstream::start(script.into_iter().map(Reply::Bytes)).await;
    let client = upstream.client(Generation::V2);
    for _ in 0..70 {
        drop(client.balance(&id()).await);
    }
    assert_eq!(upstream.seen().len(), 70);
}

#[tokio::test]
async fn one_hanging_call_and_the_background_leave_others_quick() {
    let hang = Reply::BytesThenHang(Vec::new());
    let good = Reply::Bytes(json(200, GOOD));
    let upstream = Upstream::start(vec![hang.clone(), hang.clone(), hang, good]).await;
    let client = upstream.client_with(Generation::V2, |mut config| {
        config.concurrency = 4;
        config
    });
    // Two calls in the background have one place; pages of the same kind have more.
    let query = TransactionsQuery::default();
    let calls: Vec<_> = [true, true, false, false, false]
        .into_iter()
        .map(|in_background| {
            let client = client.clone();
            let query = query.clone();
            tokio::spawn(async move {
                if in_background {
                    drop(client.in_background().transactions(&id(), &query).await);
                } else {
                    drop(client.transactions(&id(), &query).await);
                }
            })
        })
        .collect();
    upstream.arrived(3).await;
    assert!(client.balance(&id()).await.unwrap().is_some());
    assert_eq!(upstream.seen().len(), 4, "one place is never theirs");
    for call in calls {
        call.abort();
    }
}

/// Packs spaces with the one fixed code of gzip, written by hand: a literal, then copies of it.
fn gzip_of_spaces(length: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(1, 1); // the last block
    bits.push(1, 2); // with the fixed code
    bits.push_reversed(0x30 + u32::from(b' '), 8);
    for _ in 0..(length - 1) / 258 {
        bits.push_reversed(0b1100_0101, 8); // copy 258 bytes
        bits.push_reversed(0, 5); // from one byte before
    }
    bits.push_reversed(0, 7); // the end
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    // The checksum at the end is wrong, and nobody may get as far as to see that.
    [&head[..], &bits.bytes, &[0; 8]].concat()
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for bit in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().unwrap();
            *last |= u8::from(value >> bit & 1 == 1) << (self.used % 8);
            self.used += 1;
        }
    }

    fn push_reversed(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            self.push(value >> bit & 1, 1);
        }
    }
}
