//! Three times as many reads as can be answered: Mono takes a second for each, and only so many calls
//! to it are made at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::task::JoinSet;

use super::Scenario;
use super::webhooks::event;
use crate::bench::{Bench, milliseconds};
use crate::client::Client;
use crate::load::{Connection, Load};
use crate::peer::{Kind, Peer, Variation};
use crate::site::visitors;
use crate::stats::{number, percentile};
use crate::table::{By, Goal, Row};
use crate::wire::{Expected, Request};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "overload",
    run,
};

/// Calls to Mono at once, and so answers a second at most.
const PLACES: usize = 256;
/// Each sends a request every two seconds and a third, and has an account of its own: equal reads
/// would be one call.
const CONNECTIONS: usize = 1_800;
/// Whatever is never refused is asked so often a second.
const SPARED: Duration = Duration::from_millis(50);

fn run(bench: &Bench) -> Result<Vec<Row>> {
    let variation = Variation {
        upstream_concurrency: Some(PLACES),
        ..Variation::default()
    };
    let [goodput, refusal, webhook, readiness] =
        bench.compare(&[Kind::Proxy], &variation, |peer| measure(bench, peer))?;
    let most = |limit| Goal::at_most(By::Value, limit, limit).only();
    Ok(vec![
        Row::new("C15 answers at three times the peak", "× peak", goodput)
            .goal(Goal::at_least(By::Value, 0.8, 0.8).only()),
        Row::new("C15 refusal, p99", "ms", refusal).goal(most(50.0)),
        Row::new("C15 webhook meanwhile, p99", "ms", webhook),
        Row::new("C15 readiness meanwhile, p99", "ms", readiness),
    ])
}

fn measure(bench: &Bench, peer: &Peer) -> Result<[f64; 4]> {
    let seconds = if bench.quick { 4 } else { 10 };
    let requests: Vec<_> = visitors(peer.address, "slow", CONNECTIONS)?
        .into_iter()
        .map(|(visitor, account)| {
            let path = format!("/api/accounts/{account}/balance");
            visitor.get(&path).bytes()
        })
        .collect();
    let first = requests.first().context("no request")?;
    let sample = Client::connect(peer.address)?.send(first)?.expect(200)?;
    let expected = Expected::like(&sample);
    let mut load = Load::connect(peer.address, PLACES)?;
    let closed = requests.iter().take(PLACES);
    let closed: Vec<_> = closed.map(|one| Arc::new(vec![one.clone()])).collect();
    let loaded = load.run(&closed, seconds, expected)?;
    let peak = number(loaded.latencies.len()) / loaded.elapsed.as_secs_f64();
    drop(load);

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let until = Duration::from_secs(u64::try_from(seconds)?);
    let interval = Duration::from_secs_f64(number(CONNECTIONS) / (3.0 * peak));
    let over = runtime.block_on(overload(peer, &requests, expected, interval, until))?;
    ensure!(!over.refusals.is_empty(), "nobody was refused");
    let p99 = |times: &[Duration]| milliseconds(percentile(times, 99.0));
    Ok([
        number(over.answers) / over.elapsed.as_secs_f64() / peak,
        p99(&over.refusals),
        p99(&over.webhooks),
        p99(&over.readiness),
    ])
}

/// What became of the requests; times are sorted.
#[derive(Default)]
struct Over {
    answers: usize,
    /// Until the last answer.
    elapsed: Duration,
    refusals: Vec<Duration>,
    webhooks: Vec<Duration>,
    readiness: Vec<Duration>,
}

async fn overload(
    peer: &Peer,
    requests: &[Vec<u8>],
    expected: Expected,
    interval: Duration,
    until: Duration,
) -> Result<Over> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(peer.address).await?);
    }
    let start = Instant::now() + Duration::from_millis(100);
    let turn = interval / u32::try_from(CONNECTIONS)?;
    let mut readers = JoinSet::new();
    for ((number, connection), request) in (0..).zip(connections).zip(requests) {
        let first = start + turn * number;
        readers.spawn(read(
            connection,
            request.clone(),
            expected,
            first,
            interval,
            start + until,
        ));
    }
    let webhooks = tokio::spawn(spared(peer.address, start + until, |number| {
        event(&format!("overload-{number}"))
    }));
    let readiness = tokio::spawn(spared(peer.admin, start + until, |_| {
        Request::get("/readyz").bytes()
    }));
    let mut over = Over::default();
    while let Some(reader) = readers.join_next().await {
        let (answers, refusals) = reader.context("the load broke down")??;
        over.answers += answers;
        over.refusals.extend(refusals);
    }
    over.elapsed = start.elapsed();
    over.webhooks = webhooks.await.context("the load broke down")??;
    over.readiness = readiness.await.context("the load broke down")??;
    for times in [&mut over.refusals, &mut over.webhooks, &mut over.readiness] {
        times.sort();
    }
    Ok(over)
}

/// Reads at a constant rate: how many were answered, and how long the others took to be refused.
async fn read(
    mut connection: Connection,
    request: Vec<u8>,
    expected: Expected,
    first: Instant,
    interval: Duration,
    until: Instant,
) -> Result<(usize, Vec<Duration>)> {
    let (mut answers, mut refusals) = (0, Vec::new());
    let mut due = first;
    while due < until {
        tokio::time::sleep_until(due.into()).await;
        let sent = Instant::now();
        let (status, body) = connection.ask(&request).await?;
        if status == 503 {
            refusals.push(sent.elapsed());
        } else {
            expected.check(status, body)?;
            answers += 1;
        }
        due += interval;
    }
    Ok((answers, refusals))
}

/// What must be answered all the time: how long it takes.
async fn spared(
    address: SocketAddr,
    until: Instant,
    request: impl Fn(u32) -> Vec<u8>,
) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(address).await?;
    let mut times = Vec::new();
    for number in 0.. {
        tokio::time::sleep(SPARED).await;
        let sent = Instant::now();
        if sent > until {
            break;
        }
        let (status, _) = connection.ask(&request(number)).await?;
        ensure!(status == 200, "status {status} instead of 200");
        times.push(sent.elapsed());
    }
    Ok(times)
}
