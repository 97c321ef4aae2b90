//! Many pages that watch, and a change of every user's that all of that user's pages are told.

use std::time::Instant;

use anyhow::Result;

use super::Scenario;
use crate::bench::{Bench, cost, milliseconds};
use crate::client::Client;
use crate::machine;
use crate::peer::{Peer, SITES, Variation, WEBHOOK_SECRET};
use crate::site::visitors;
use crate::stats::{kibibytes, number};
use crate::streams::Streams;
use crate::table::{By, Goal, Row};
use crate::wire::Request;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "events",
    run,
};

/// As many as the proxy allows one user.
const PAGES: usize = 32;
const USERS: usize = 312;

fn run(bench: &Bench) -> Result<Vec<Row>> {
    let [memory, cpu, time] =
        bench.compare(&SITES, &Variation::default(), |peer| measure(bench, peer))?;
    let streams = bench.count(USERS) * PAGES;
    Ok(vec![
        Row::new(
            format!("C10 memory of each of {streams} streams"),
            "KiB",
            memory,
        )
        .goal(Goal::at_most(By::Value, 12.0, 1.0)),
        Row::new(
            format!("C11 event to one of {streams} pages"),
            "CPU µs",
            cpu,
        )
        .goal(Goal::at_most(By::Value, 9.0, 6.0)),
        Row::new(
            format!("C11 {} events to {streams} pages", bench.count(USERS)),
            "ms",
            time,
        )
        .goal(Goal::at_most(By::Value, 110.0, 70.0)),
    ])
}

fn measure(bench: &Bench, peer: &Peer) -> Result<[f64; 3]> {
    let visitors = visitors(peer.address, "acct", bench.count(USERS))?;
    let count = visitors.len() * PAGES;
    let cookies: Vec<String> = visitors
        .iter()
        .map(|(visitor, _)| visitor.cookie.clone())
        .collect();
    let before = machine::resident(peer.pid())?;
    let streams = Streams::open(peer.address, &cookies, PAGES)?;
    let after = machine::resident(peer.pid())?;

    let events: Vec<_> = visitors.iter().map(|(_, account)| event(account)).collect();
    let mut client = Client::connect(peer.address)?;
    let (spent, took) = cost(peer.pid(), || {
        let started = Instant::now();
        for event in &events {
            client.send(event)?.expect(200)?;
        }
        streams.told(count)?;
        Ok(started.elapsed())
    })?;
    Ok([
        kibibytes(after.saturating_sub(before)) / number(count),
        milliseconds(spent) * 1_000.0 / number(count),
        milliseconds(took),
    ])
}

/// Bad news, which is told without asking Mono.
fn event(account: &str) -> Vec<u8> {
    let body = format!(
        "{{\"event\":\"mono.events.reauthorisation_required\",\"event_id\":\"of-{account}\",\
         \"timestamp\":\"2099-01-27T10:21:03.936Z\",\"data\":{{\"account\":{{\"_id\":\"{account}\"}}}}}}"
    );
    let request = Request::post("/webhooks/mono", &body);
    request
        .header("mono-webhook-secret", WEBHOOK_SECRET)
        .bytes()
}
