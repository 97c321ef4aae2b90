//! Latency of pages of 12 kB at 500 requests a second.

use std::sync::Arc;

use anyhow::Result;

use super::Scenario;
use super::reads::Read;
use crate::bench::{Bench, milliseconds};
use crate::peer::{ALL, Peer, Variation};
use crate::stats::percentile;
use crate::steady::{self, Rate};
use crate::table::{By, Goal, Row};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "latency",
    run,
};

fn run(bench: &Bench) -> Result<Vec<Row>> {
    let rate = Rate {
        per_second: 500,
        seconds: if bench.quick { 2 } else { 10 },
    };
    let [p50, p99] = bench.compare(&ALL, &Variation::default(), |peer| measure(peer, rate))?;
    Ok(vec![
        Row::new("C7 page at 500/s, p50", "ms", p50).goal(Goal::at_most(By::OverNginx, 0.2, 0.07)),
        Row::new("C7 page at 500/s, p99", "ms", p99).goal(Goal::at_most(By::OverNginx, 0.4, 0.2)),
    ])
}

fn measure(peer: &Peer, rate: Rate) -> Result<[f64; 2]> {
    let read = Read::page(50, 32, [0; 3]);
    let (requests, expected) = read.prepare(peer)?;
    let requests: Vec<_> = requests
        .into_iter()
        .map(|one| Arc::new(vec![one]))
        .collect();
    let warm = Rate { seconds: 1, ..rate };
    steady::run(peer.address, &requests, warm, expected)?;
    let latencies = steady::run(peer.address, &requests, rate, expected)?;
    Ok([
        milliseconds(percentile(&latencies, 50.0)),
        milliseconds(percentile(&latencies, 99.0)),
    ])
}
