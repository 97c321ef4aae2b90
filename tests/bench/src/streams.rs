//! Many open streams of events: how many are there, and how many have been told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use crate::wire::{Request, find};

/// Connections that are opened at once: fewer than a listener lets wait.
const OPENING: usize = 64;
/// Who waits longer waits in vain.
const PATIENCE: Duration = Duration::from_mins(2);
const SNAPSHOT: &[u8] = b"event: snapshot";
const CHANGE: &[u8] = b"event: account";

/// Streams, read on a thread of their own.
pub(crate) struct Streams {
    _runtime: Runtime,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    opened: AtomicUsize,
    told: AtomicUsize,
    broken: AtomicUsize,
}

impl Streams {
    /// Opens so many streams with each cookie, and waits until each has its snapshot.
    pub(crate) fn open(address: SocketAddr, cookies: &[String], each: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let counts = Arc::<Counts>::default();
        let opening = Arc::new(Semaphore::new(OPENING));
        for cookie in cookies {
            let request = Arc::new(Request::get("/api/events").header("cookie", cookie).bytes());
            for _ in 0..each {
                let (request, counts) = (Arc::clone(&request), Arc::clone(&counts));
                let opening = Arc::clone(&opening);
                runtime.spawn(async move {
                    if read(address, &request, &counts, &opening).await.is_err() {
                        counts.broken.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        }
        let streams = Self {
            _runtime: runtime,
            counts,
        };
        streams.wait(|counts| &counts.opened, cookies.len() * each)?;
        Ok(streams)
    }

    /// Waits until so many changes have been told since the streams were opened.
    pub(crate) fn told(&self, count: usize) -> Result<()> {
        self.wait(|counts| &counts.told, count)
    }

    fn wait(&self, which: impl Fn(&Counts) -> &AtomicUsize, count: usize) -> Result<()> {
        let started = Instant::now();
        loop {
            let (there, broken) = (
                which(&self.counts).load(Ordering::Relaxed),
                self.counts.broken.load(Ordering::Relaxed),
            );
            if broken > 0 {
                bail!("{broken} streams of events broke off");
            }
            if there >= count {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                bail!("{there} of {count} streams have what they wait for");
            }
            sleep(Duration::from_millis(1));
        }
    }
}

async fn read(
    address: SocketAddr,
    request: &[u8],
    counts: &Counts,
    opening: &Semaphore,
) -> Result<()> {
    let mut turn = Some(opening.acquire().await?);
    let mut stream = TcpStream::connect(address).await.context("connecting")?;
    stream.write_all(request).await.context("sending")?;
    let mut buffer = Vec::new();
    let mut has_snapshot = false;
    loop {
        if stream.read_buf(&mut buffer).await.context("receiving")? == 0 {
            bail!("the stream ended");
        }
        if !has_snapshot && find(&buffer, SNAPSHOT).is_some() {
            has_snapshot = true;
            counts.opened.fetch_add(1, Ordering::Relaxed);
            turn.take();
        }
        while let Some(at) = find(&buffer, CHANGE) {
            buffer.drain(..at + CHANGE.len());
            counts.told.fetch_add(1, Ordering::Relaxed);
        }
        // What is left may be the beginning of the next one's name.
        let keep = buffer
            .len()
            .saturating_sub(CHANGE.len().max(SNAPSHOT.len()));
        if has_snapshot {
            buffer.drain(..keep);
            buffer.shrink_to(64);
        }
    }
}
