//! Codes are exchanged for accounts, each on the disk before it is answered. nginx only passes the call
//! on.

use std::sync::Arc;

use anyhow::{Result, ensure};

use super::Scenario;
use crate::bench::{Bench, cost, milliseconds, per_ten_thousand};
use crate::client::Client;
use crate::load::Load;
use crate::peer::{ALL, Kind, Peer, Variation};
use crate::site::{Visitor, account};
use crate::stats::{number, percentile};
use crate::table::{By, Goal, Row};
use crate::wire::{Expected, Request};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "exchange",
    run,
};

const CONNECTIONS: usize = 64;

fn run(bench: &Bench) -> Result<Vec<Row>> {
    let [cpu, rate, p99] =
        bench.compare(&ALL, &Variation::default(), |peer| measure(bench, peer))?;
    Ok(vec![
        Row::new("C6 exchange", "CPU s/10k", cpu).goal(Goal::at_most(By::Nginx, 5.0, 5.0).only()),
        Row::new("C6 exchange, 64 at once", "/s", rate).goal(Goal::at_least(
            By::Value,
            8_000.0,
            18_000.0,
        )),
        Row::new("C6 exchange, p99", "ms", p99).goal(Goal::at_most(By::Value, 25.0, 25.0).only()),
    ])
}

fn measure(bench: &Bench, peer: &Peer) -> Result<[f64; 3]> {
    let each = bench.count(if peer.kind == Kind::Express {
        640
    } else {
        6_400
    }) / CONNECTIONS;
    let each = each.max(1);
    let mut client = Client::connect(peer.address)?;
    let mut requests = Vec::new();
    let mut expected = None;
    for connection in 0..CONNECTIONS {
        let mut list = Vec::new();
        // One more, to be looked at.
        for turn in 0..=each {
            let account = account("acct", connection * (each + 1) + turn);
            let (request, status) = if peer.kind == Kind::Nginx {
                let body = format!("{{\"code\":\"code_{account}\"}}");
                (Request::post("/v2/accounts/auth", &body), 200)
            } else {
                // Of a visitor's second account with one number would be said that it is a duplicate.
                let visitor = Visitor::come(&mut client)?;
                (visitor.exchange(&mut client, &account)?, 201)
            };
            if turn < each {
                list.push(request.bytes());
                continue;
            }
            let answer = client.send(&request.bytes())?.expect(status)?;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            ensure!(
                text.contains(&account),
                "another account was linked: {text}"
            );
            expected = Some(Expected::like(&answer));
        }
        requests.push(Arc::new(list));
    }
    let expected = expected.ok_or_else(|| anyhow::anyhow!("no request"))?;
    let mut load = Load::connect(peer.address, CONNECTIONS)?;
    let (spent, loaded) = cost(peer.pid(), || load.run(&requests, 1, expected))?;
    let count = loaded.latencies.len();
    Ok([
        per_ten_thousand(spent, count),
        number(count) / loaded.elapsed.as_secs_f64(),
        milliseconds(percentile(&loaded.latencies, 99.0)),
    ])
}
