//! One connection that waits for each answer: for what happens before a measurement, and for the load
//! at a constant rate.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::wire::{Answer, Head};

/// Who takes longer has hung.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection that is kept alive.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).context("connecting")?;
        stream.set_nodelay(true).context("preparing a connection")?;
        stream
            .set_read_timeout(Some(PATIENCE))
            .context("preparing a connection")?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Sends a request and waits for its answer, which must say how long it is.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).context("sending")?;
        self.buffer.clear();
        let mut chunk = [0; 16 * 1024];
        loop {
            if let Some(head) = Head::parse(&self.buffer)? {
                let body = head.body.context("an answer without a length")?;
                if self.buffer.len() >= head.length + body {
                    let text = String::from_utf8_lossy(&self.buffer[..head.length]);
                    return Ok(Answer {
                        status: head.status,
                        head: text.into_owned(),
                        body: self.buffer[head.length..head.length + body].to_vec(),
                    });
                }
            }
            match self.stream.read(&mut chunk).context("receiving")? {
                0 => bail!("the connection was closed before the answer was there"),
                length => self.buffer.extend_from_slice(&chunk[..length]),
            }
        }
    }
}
