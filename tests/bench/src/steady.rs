//! Load at a constant rate, whatever the answers take: latency counts from when a request was due, so
//! that a server that hangs is not spared the requests that it kept from being sent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::client::Client;
use crate::load::Requests;
use crate::machine;
use crate::wire::Expected;

/// How the load is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) per_second: u32,
    pub(crate) seconds: u32,
}

/// Sends at this rate, each connection in turn; the latencies, sorted.
pub(crate) fn run(
    address: SocketAddr,
    requests: &[Arc<Requests>],
    rate: Rate,
    expected: Expected,
) -> Result<Vec<Duration>> {
    let connections = u32::try_from(requests.len())?;
    let interval = Duration::from_secs(1) / rate.per_second;
    let start = Instant::now() + Duration::from_millis(200);
    let mut threads = Vec::new();
    for (turn, requests) in (0..).zip(requests) {
        let requests = Arc::clone(requests);
        let first = start + interval * turn;
        let count = rate.per_second * rate.seconds / connections;
        threads.push(thread::spawn(move || -> Result<Vec<Duration>> {
            machine::wake_on_time()?;
            let mut client = Client::connect(address)?;
            let mut latencies = Vec::new();
            for (number, request) in (0..count).zip(requests.iter().cycle()) {
                let due = first + interval * connections * number;
                thread::sleep(due.saturating_duration_since(Instant::now()));
                let answer = client.send(request)?;
                latencies.push(due.elapsed());
                expected.check(answer.status, &answer.body)?;
            }
            Ok(latencies)
        }));
    }
    let mut latencies = Vec::new();
    for thread in threads {
        let took = thread.join().map_err(|_| anyhow!("the load broke down"))?;
        latencies.extend(took?);
    }
    latencies.sort();
    Ok(latencies)
}
