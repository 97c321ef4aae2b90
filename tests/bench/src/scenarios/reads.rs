//! Reads of an account's data: session, ownership, Mono, reshaped JSON. Each connection is a visitor with
//! an account of its own, so that nothing is shared between them.

use std::sync::Arc;

use anyhow::{Result, ensure};

use super::Scenario;
use crate::bench::{Bench, cost, per_ten_thousand};
use crate::client::Client;
use crate::load::Load;
use crate::machine;
use crate::peer::{ALL, Kind, Peer, Variation};
use crate::site::{account, visitors};
use crate::stats::{kibibytes, number};
use crate::table::{By, Goal, Row};
use crate::upstream::BALANCE;
use crate::wire::{Answer, Expected, Request};

pub(super) const PAGE: Scenario = Scenario {
    name: "page",
    run: |bench| {
        let read = Read::page(50, 64, [20_000, 40_000, 2_000]);
        let [cpu, _] = read.compare(bench, &Variation::default())?;
        let goal = Goal::at_most(By::Nginx, 5.3, 4.4);
        Ok(vec![
            Row::new("C1 page of 12 kB", "CPU s/10k", cpu).goal(goal),
        ])
    },
};

pub(super) const SMALL: Scenario = Scenario {
    name: "small",
    run: |bench| {
        let read = Read::balance();
        let [cpu, _] = read.compare(bench, &Variation::default())?;
        let goal = Goal::at_most(By::Nginx, 2.8, 2.0);
        Ok(vec![Row::new("C2 balance", "CPU s/10k", cpu).goal(goal)])
    },
};

pub(super) const LARGE: Scenario = Scenario {
    name: "large",
    run: |bench| {
        let read = Read::page(1000, 16, [1_600, 4_800, 320]);
        let [cpu, memory] = read.compare(bench, &Variation::default())?;
        let goal = Goal::at_most(By::Nginx, 8.5, 5.0);
        let most = Goal::at_most(By::Value, 4.0, 4.0).only();
        Ok(vec![
            Row::new("C3 page of 235 kB", "CPU s/10k", cpu).goal(goal),
            Row::new("C3 memory for each in flight", "bodies", memory).goal(most),
        ])
    },
};

pub(super) const CACHED: Scenario = Scenario {
    name: "cached",
    run: |bench| {
        let read = Read {
            nginx: "/cached/v2/accounts/{}/transactions?limit=50",
            ..Read::page(50, 64, [40_000, 40_000, 4_000])
        };
        let cached = Variation {
            cached: true,
            ..Variation::default()
        };
        let [cpu, _] = read.compare(bench, &cached)?;
        let goal = Goal::at_most(By::Nginx, 1.2, 0.75);
        Ok(vec![
            Row::new("C5 page of 12 kB, cached", "CPU s/10k", cpu).goal(goal),
        ])
    },
};

/// A read, and how often it is made.
pub(super) struct Read {
    /// `{}` is the account.
    site: String,
    nginx: &'static str,
    /// Of transactions; none for the balance.
    rows: Option<usize>,
    connections: usize,
    /// By the proxy, nginx and Express.
    requests: [usize; 3],
}

impl Read {
    pub(super) fn page(rows: usize, connections: usize, requests: [usize; 3]) -> Self {
        Self {
            site: format!("/api/accounts/{{}}/transactions?limit={rows}"),
            nginx: if rows == 50 {
                "/v2/accounts/{}/transactions?limit=50"
            } else {
                "/v2/accounts/{}/transactions?limit=1000"
            },
            rows: Some(rows),
            connections,
            requests,
        }
    }

    fn balance() -> Self {
        Self {
            site: "/api/accounts/{}/balance".to_owned(),
            nginx: "/v2/accounts/{}/balance",
            rows: None,
            connections: 64,
            requests: [20_000, 40_000, 2_000],
        }
    }

    /// Processor time, and memory for each request in flight in bodies.
    fn compare(&self, bench: &Bench, variation: &Variation) -> Result<[crate::table::Series; 2]> {
        bench.compare(&ALL, variation, |peer| self.measure(bench, peer))
    }

    fn measure(&self, bench: &Bench, peer: &Peer) -> Result<[f64; 2]> {
        let (requests, expected) = self.prepare(peer)?;
        let requests: Vec<_> = requests
            .into_iter()
            .map(|one| Arc::new(vec![one]))
            .collect();
        let all = match peer.kind {
            Kind::Proxy => self.requests[0],
            Kind::Nginx => self.requests[1],
            Kind::Express => self.requests[2],
        };
        let times = (bench.count(all) / self.connections).max(1);
        let mut load = Load::connect(peer.address, self.connections)?;
        let idle = machine::resident(peer.pid())?;
        load.run(&requests, times.div_ceil(5), expected)?;
        machine::forget_peak(peer.pid())?;
        let (spent, loaded) = cost(peer.pid(), || load.run(&requests, times, expected))?;
        let more = machine::peak_resident(peer.pid())?.saturating_sub(idle);
        let bodies = kibibytes(more) * 1024.0 / number(expected.length * self.connections);
        Ok([per_ten_thousand(spent, loaded.latencies.len()), bodies])
    }

    /// What each connection asks for, and what every answer is like.
    pub(super) fn prepare(&self, peer: &Peer) -> Result<(Vec<Vec<u8>>, Expected)> {
        let requests: Vec<Vec<u8>> = if peer.kind == Kind::Nginx {
            let path = |number| self.nginx.replace("{}", &account("acct", number));
            let requests = (0..self.connections).map(|number| Request::get(&path(number)).bytes());
            requests.collect()
        } else {
            let visitors = visitors(peer.address, "acct", self.connections)?;
            let requests = visitors
                .iter()
                .map(|(visitor, account)| visitor.get(&self.site.replace("{}", account)).bytes());
            requests.collect()
        };
        let mut client = Client::connect(peer.address)?;
        let mut sample = None;
        for request in &requests {
            let answer = client.send(request)?.expect(200)?;
            self.look_at(peer.kind, &answer)?;
            // The second time it is the one that is asked for later: from the cache, if there is one.
            sample = Some(client.send(request)?.expect(200)?);
        }
        let sample = sample.map(|answer| Expected::like(&answer));
        Ok((
            requests,
            sample.ok_or_else(|| anyhow::anyhow!("no request"))?,
        ))
    }

    /// Whether the answer says what Mono says.
    fn look_at(&self, kind: Kind, answer: &Answer) -> Result<()> {
        let answer = answer.json()?;
        let Some(rows) = self.rows else {
            let balance = if kind == Kind::Nginx {
                &answer["data"]
            } else {
                &answer
            };
            ensure!(balance["balance"] == BALANCE, "a wrong balance: {answer}");
            return Ok(());
        };
        let list = if kind == Kind::Nginx {
            &answer["data"]
        } else {
            &answer["transactions"]
        };
        let list = list.as_array().map_or(&[][..], Vec::as_slice);
        ensure!(list.len() == rows, "{} rows instead of {rows}", list.len());
        for (number, row) in list.iter().enumerate() {
            ensure!(row["amount"] == 100_000 + number, "a wrong amount: {row}");
            ensure!(
                row["narration"]
                    .as_str()
                    .is_some_and(|text| text.starts_with("NIP/")),
                "{row}"
            );
        }
        Ok(())
    }
}
