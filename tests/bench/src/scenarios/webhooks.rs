//! Webhooks, each on the disk before it is answered. They are of accounts that nobody has linked, so that
//! what follows the answer is the least that can follow.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::Scenario;
use crate::bench::{Bench, cost, milliseconds, per_ten_thousand};
use crate::client::Client;
use crate::disk;
use crate::load::{Load, Requests};
use crate::peer::{Kind, Peer, SITES, Variation, WEBHOOK_SECRET};
use crate::stats::{number, percentile};
use crate::steady::{self, Rate};
use crate::table::{By, Goal, Row};
use crate::wire::{Expected, Request};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "webhooks",
    run,
};

const CONNECTIONS: usize = 64;

fn run(bench: &Bench) -> Result<Vec<Row>> {
    let [rate, to_disk, cpu, p99, p99_slow] =
        bench.compare(&SITES, &Variation::default(), |peer| {
            let folder = bench.fresh("disk")?;
            let disk = disk::appends_per_second(&folder, Duration::from_secs(1))?;
            let [rate, cpu, p99] = closed(bench, peer)?;
            Ok([rate, rate / disk, cpu, p99, steady(bench, peer)?])
        })?;
    let most = |limit| Goal::at_most(By::Value, limit, limit).only();
    Ok(vec![
        Row::new("C8 webhook, 64 at once", "/s", rate)
            .goal(Goal::at_least(By::Express, 10.0, 10.0).only()),
        Row::new("C8 webhook, 64 at once", "× appends", to_disk).goal(Goal::at_least(
            By::Value,
            4.0,
            5.8,
        )),
        Row::new("C8 webhook and what follows", "CPU s/10k", cpu),
        Row::new("C8 webhook, 64 at once, p99", "ms", p99).goal(most(15.0)),
        Row::new("C8 webhook at 100/s, p99", "ms", p99_slow).goal(most(10.0)),
    ])
}

/// Acks a second, processor time and the 99th percentile.
pub(super) fn closed(bench: &Bench, peer: &Peer) -> Result<[f64; 3]> {
    let each = bench.count(if peer.kind == Kind::Express {
        2_560
    } else {
        25_600
    }) / CONNECTIONS;
    let each = each.max(1);
    // A database may know the events of an earlier run.
    let run = fastrand::u64(..);
    let requests: Vec<_> = (0..CONNECTIONS)
        .map(|connection| events(&format!("{run:x}-{connection}"), each))
        .collect();
    let expected = expected(peer)?;
    let mut load = Load::connect(peer.address, CONNECTIONS)?;
    let (spent, loaded) = cost(peer.pid(), || load.run(&requests, 1, expected))?;
    let count = loaded.latencies.len();
    Ok([
        number(count) / loaded.elapsed.as_secs_f64(),
        per_ten_thousand(spent, count),
        milliseconds(percentile(&loaded.latencies, 99.0)),
    ])
}

fn steady(bench: &Bench, peer: &Peer) -> Result<f64> {
    let rate = Rate {
        per_second: 100,
        seconds: if bench.quick { 2 } else { 5 },
    };
    let requests: Vec<_> = (0..10)
        .map(|connection| events(&format!("s{connection}"), 50))
        .collect();
    let latencies = steady::run(peer.address, &requests, rate, expected(peer)?)?;
    Ok(milliseconds(percentile(&latencies, 99.0)))
}

/// A right one is 200 with nothing; a wrong secret is not.
fn expected(peer: &Peer) -> Result<Expected> {
    let mut client = Client::connect(peer.address)?;
    let forged =
        Request::post("/webhooks/mono", &body("forged")).header("mono-webhook-secret", "x");
    client.send(&forged.bytes())?.expect(401)?;
    let answer = client.send(&event("first"))?.expect(200)?;
    Ok(Expected::like(&answer))
}

/// So many events, no two alike.
fn events(name: &str, count: usize) -> Arc<Requests> {
    Arc::new(
        (0..count)
            .map(|number| event(&format!("{name}-{number}")))
            .collect(),
    )
}

pub(super) fn event(id: &str) -> Vec<u8> {
    let request = Request::post("/webhooks/mono", &body(id));
    request
        .header("mono-webhook-secret", WEBHOOK_SECRET)
        .bytes()
}

fn body(id: &str) -> String {
    format!(
        "{{\"event\":\"mono.events.account_updated\",\"event_id\":\"{id}\",\
         \"timestamp\":\"2026-01-27T10:21:03.936Z\",\"data\":{{\"account\":{{\"_id\":\"of-{id}\",\
         \"name\":\"SAMUEL OLAMIDE\",\"accountNumber\":\"0200000043\",\"currency\":\"NGN\",\
         \"balance\":5376900,\"type\":\"SAVINGS_ACCOUNT\",\"bvn\":null,\"authMethod\":\"internet_banking\",\
         \"institution\":{{\"name\":\"GTBank\",\"bankCode\":\"058\",\"type\":\"PERSONAL_BANKING\"}}}},\
         \"meta\":{{\"data_status\":\"AVAILABLE\",\"auth_method\":\"internet_banking\",\
         \"retrieved_data\":[\"identity\",\"balance\",\"transactions\"]}}}}}}"
    )
}
