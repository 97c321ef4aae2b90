//! Load in a closed loop: some connections, each of which sends its next request as soon as it has its
//! answer. Every answer is checked.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::wire::{Expected, Head};

/// Open connections.
pub(crate) struct Load {
    runtime: Runtime,
    connections: Vec<Connection>,
}

/// What came of it.
pub(crate) struct Loaded {
    pub(crate) elapsed: Duration,
    /// Of each request, sorted.
    pub(crate) latencies: Vec<Duration>,
}

/// What one connection sends, one after the other.
pub(crate) type Requests = Vec<Vec<u8>>;

impl Load {
    pub(crate) fn connect(address: SocketAddr, count: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let connections = runtime.block_on(async {
            let mut connections = Vec::new();
            for _ in 0..count {
                connections.push(Connection::open(address).await?);
            }
            anyhow::Ok(connections)
        })?;
        Ok(Self {
            runtime,
            connections,
        })
    }

    /// Sends the requests of each connection, `times` over.
    pub(crate) fn run(
        &mut self,
        requests: &[Arc<Requests>],
        times: usize,
        expected: Expected,
    ) -> Result<Loaded> {
        let started = Instant::now();
        let connections = std::mem::take(&mut self.connections);
        let (connections, mut latencies) = self.runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for (connection, requests) in connections.into_iter().zip(requests) {
                tasks.spawn(connection.run(Arc::clone(requests), times, expected));
            }
            let (mut connections, mut latencies) = (Vec::new(), Vec::new());
            while let Some(ended) = tasks.join_next().await {
                let (connection, took) = ended.context("the load broke down")??;
                connections.push(connection);
                latencies.extend(took);
            }
            anyhow::Ok((connections, latencies))
        })?;
        self.connections = connections;
        let elapsed = started.elapsed();
        latencies.sort();
        Ok(Loaded { elapsed, latencies })
    }
}

/// A connection that is kept alive.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(4 * 1024),
        })
    }

    async fn run(
        mut self,
        requests: Arc<Requests>,
        times: usize,
        expected: Expected,
    ) -> Result<(Self, Vec<Duration>)> {
        let mut latencies = Vec::with_capacity(requests.len() * times);
        for _ in 0..times {
            for request in requests.iter() {
                let started = Instant::now();
                self.send(request, expected).await?;
                latencies.push(started.elapsed());
            }
        }
        Ok((self, latencies))
    }

    async fn send(&mut self, request: &[u8], expected: Expected) -> Result<()> {
        let (status, body) = self.ask(request).await?;
        expected.check(status, body)
    }

    /// The status and the body of the answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.stream.write_all(request).await.context("sending")?;
        self.buffer.clear();
        let mut head = None;
        loop {
            if head.is_none() {
                head = Head::parse(&self.buffer)?;
            }
            if let Some(head) = head {
                let end = head.length + head.body.context("an answer without a length")?;
                if self.buffer.len() >= end {
                    return Ok((head.status, &self.buffer[head.length..end]));
                }
            }
            if self
                .stream
                .read_buf(&mut self.buffer)
                .await
                .context("receiving")?
                == 0
            {
                bail!("the connection was closed before the answer was there");
            }
        }
    }
}
