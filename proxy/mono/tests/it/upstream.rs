//! A server on a free port that notes what it gets and answers as it was told.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mono_client::{Client, Config, Generation, Repeats};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

pub(crate) const KEY: &str = "test_sk_canary_of_the_key";

/// What the server does with one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Sends these bytes and keeps the connection.
    Bytes(Vec<u8>),
    /// Sends these bytes and closes the connection.
    BytesThenClose(Vec<u8>),
    /// Sends these bytes and then nothing more, with the connection open.
    BytesThenHang(Vec<u8>),
    /// Resets the connection.
    Reset,
    /// Sends these bytes again and again until the other side goes away.
    Endless(Vec<u8>, Vec<u8>),
    /// Waits for a permit of `Upstream::gate`, then sends these bytes.
    Gated(Vec<u8>),
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) connection: usize,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    /// The names of the headers, lower case and sorted.
    pub(crate) fn header_names(&self) -> Vec<String> {
        let headers = self.head.lines().skip(1).filter(|line| !line.is_empty());
        let mut names: Vec<_> = headers
            .map(|line| line.split(':').next().unwrap().to_ascii_lowercase())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

struct Shared {
    script: Mutex<VecDeque<Reply>>,
    seen: Mutex<Vec<Seen>>,
    arrived: watch::Sender<usize>,
    accepted: watch::Sender<usize>,
    ended: watch::Sender<usize>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    gate: Semaphore,
}

pub(crate) struct Upstream {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

impl Upstream {
    pub(crate) async fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            script: Mutex::new(script.into_iter().collect()),
            seen: Mutex::default(),
            arrived: watch::Sender::new(0),
            accepted: watch::Sender::new(0),
            ended: watch::Sender::new(0),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        });
        tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { port, shared }
    }

    /// One JSON answer with this status.
    pub(crate) async fn answering(status: u16, body: &str) -> Self {
        Self::start([Reply::Bytes(json(status, body))]).await
    }

    pub(crate) fn client(&self, generation: Generation) -> Client {
        self.client_with(generation, |config| config)
    }

    pub(crate) fn client_with(
        &self,
        generation: Generation,
        change: impl FnOnce(Config) -> Config,
    ) -> Client {
        let config = change(Config {
            api_url: format!("http://127.0.0.1:{}", self.port).parse().unwrap(),
            secret_key: KEY.into(),
            generation,
            timeout: Duration::from_secs(30),
            concurrency: 8,
        });
        // The pauses have tests of their own, on a clock that stands still.
        Client::with_repeats(
            config,
            Repeats {
                times: 2,
                pause: Duration::ZERO,
            },
        )
        .unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.shared.accepted.borrow()
    }

    /// Waits until so many requests have arrived in all.
    pub(crate) async fn arrived(&self, count: usize) {
        self.shared
            .arrived
            .subscribe()
            .wait_for(|arrived| *arrived >= count)
            .await
            .unwrap();
    }

    /// Waits until so many connections have ended in all.
    pub(crate) async fn ended(&self, count: usize) {
        self.shared
            .ended
            .subscribe()
            .wait_for(|ended| *ended >= count)
            .await
            .unwrap();
    }

    pub(crate) fn open_gate(&self, answers: usize) {
        self.shared.gate.add_permits(answers);
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.shared.most_in_flight.load(Ordering::SeqCst)
    }
}

pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    answer(status, &["content-type: application/json"], body)
}

pub(crate) fn answer(status: u16, headers: &[&str], body: &str) -> Vec<u8> {
    let mut head = format!(
        "HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\n",
        body.len()
    );
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    format!("{head}\r\n{body}").into_bytes()
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            return;
        };
        let mut number = 0;
        shared.accepted.send_modify(|accepted| {
            *accepted += 1;
            number = *accepted;
        });
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            serve(socket, number, &shared).await;
            shared.ended.send_modify(|ended| *ended += 1);
        });
    }
}

/// `None` ends the connection.
async fn serve(mut socket: TcpStream, connection: usize, shared: &Shared) -> Option<()> {
    loop {
        let (head, body) = request(&mut socket).await?;
        shared.seen.lock().unwrap().push(Seen {
            connection,
            head,
            body,
        });
        let in_flight = shared.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_in_flight.fetch_max(in_flight, Ordering::SeqCst);
        shared.arrived.send_modify(|arrived| *arrived += 1);
        let reply = shared.script.lock().unwrap().pop_front();
        if let Some(Reply::Gated(_)) = &reply {
            shared.gate.acquire().await.ok()?.forget();
        }
        shared.in_flight.fetch_sub(1, Ordering::SeqCst);
        perform(&mut socket, reply).await?;
    }
}

async fn perform(socket: &mut TcpStream, reply: Option<Reply>) -> Option<()> {
    match reply {
        None => socket
            .write_all(&json(599, "\"not in the script\""))
            .await
            .ok(),
        Some(Reply::Bytes(bytes) | Reply::Gated(bytes)) => socket.write_all(&bytes).await.ok(),
        Some(Reply::BytesThenClose(bytes)) => {
            socket.write_all(&bytes).await.ok()?;
            socket.shutdown().await.ok()?;
            None
        }
        Some(Reply::BytesThenHang(bytes)) => {
            socket.write_all(&bytes).await.ok()?;
            // Nothing more is expected of the other side but that it goes away.
            socket.read_u8().await.ok().and(None)
        }
        Some(Reply::Reset) => {
            socket.set_zero_linger().ok()?;
            None
        }
        Some(Reply::Endless(head, piece)) => {
            socket.write_all(&head).await.ok()?;
            while socket.write_all(&piece).await.is_ok() {}
            None
        }
    }
}

async fn request(socket: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let head_length = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_length].to_vec()).unwrap();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.trim().parse::<usize>().unwrap());
    while bytes.len() < head_length + length {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some((
        head,
        String::from_utf8(bytes[head_length..].to_vec()).unwrap(),
    ))
}
