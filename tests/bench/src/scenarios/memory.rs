//! Memory: with nothing to do, with many requests that wait for a slow Mono, and afterwards.

use std::sync::Arc;
use std::thread::{self, sleep};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Scenario;
use crate::bench::Bench;
use crate::client::Client;
use crate::load::Load;
use crate::machine;
use crate::peer::{Peer, SITES, Variation};
use crate::site::visitors;
use crate::stats::kibibytes;
use crate::table::{By, Goal, Row, Series};
use crate::wire::Expected;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "memory",
    run,
};

/// Of each of two kinds, so that neither is more than may wait.
const REQUESTS: usize = 1_000;
const VISITORS: usize = 20;

fn run(bench: &Bench) -> Result<Vec<Row>> {
    let mut series: [Series; 3] = std::array::from_fn(|_| Series::default());
    // Memory hardly differs from run to run, and each takes more than a minute.
    // All are let in: the least that keeps so many waiting.
    let variation = Variation {
        upstream_concurrency: Some(REQUESTS),
        ..Variation::default()
    };
    for kind in SITES {
        let peer = bench.start(kind, &variation)?;
        let figures = measure(bench, &peer).map_err(|error| peer.explain(&error))?;
        for (series, figure) in series.iter_mut().zip(figures) {
            series.push(kind, figure);
        }
    }
    let [idle, busy, after] = series;
    Ok(vec![
        Row::new("C12 memory, idle", "MiB", idle).goal(Goal::at_most(By::Value, 12.0, 8.0)),
        Row::new(
            format!("C12 memory, {} in flight", 2 * REQUESTS),
            "MiB",
            busy,
        )
        .goal(Goal::at_most(By::Value, 64.0, 45.0)),
        Row::new(
            format!("C12 memory, {} s later", pause(bench).as_secs()),
            "MiB",
            after,
        )
        .goal(Goal::at_most(By::Value, 24.0, 24.0).only()),
    ])
}

fn pause(bench: &Bench) -> Duration {
    Duration::from_secs(if bench.quick { 10 } else { 60 })
}

fn measure(bench: &Bench, peer: &Peer) -> Result<[f64; 3]> {
    sleep(Duration::from_secs(2));
    let mebibytes = |bytes| kibibytes(bytes) / 1024.0;
    let idle = machine::resident(peer.pid())?;
    let visitors = visitors(peer.address, "slow", VISITORS)?;
    machine::forget_peak(peer.pid())?;
    thread::scope(|scope| {
        let kinds = ["balance", "transactions?limit=50"].map(|what| {
            let requests: Vec<_> = visitors
                .iter()
                .cycle()
                .take(REQUESTS)
                .map(|(visitor, account)| {
                    let path = format!("/api/accounts/{account}/{what}");
                    Arc::new(vec![visitor.get(&path).bytes()])
                })
                .collect();
            scope.spawn(move || -> Result<()> {
                let first = requests.first().and_then(|list| list.first());
                let first = first.context("no request")?;
                let sample = Client::connect(peer.address)?.send(first)?.expect(200)?;
                let mut load = Load::connect(peer.address, REQUESTS)?;
                load.run(&requests, 1, Expected::like(&sample)).map(drop)
            })
        });
        kinds.into_iter().try_for_each(|kind| {
            let ended = kind.join();
            ended.map_err(|_| anyhow::anyhow!("the load broke down"))?
        })
    })?;
    let busy = machine::peak_resident(peer.pid())?;
    sleep(pause(bench));
    let after = machine::resident(peer.pid())?;
    Ok([mebibytes(idle), mebibytes(busy), mebibytes(after)])
}
