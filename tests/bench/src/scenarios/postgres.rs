//! Webhooks on PostgreSQL, against one insert for each on the same server, as `pgbench` makes them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{Scenario, webhooks};
use crate::bench::Bench;
use crate::peer::{Kind, Variation};
use crate::table::{By, Goal, Row, Series};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "postgres",
    run,
};

/// As long as the events of the scenario `webhooks`.
const INSERT: &str = "\\set key random(1, 1000000000000000)\n\
    insert into bench_events (event_key, body) values (:key, repeat('x', 560)) on conflict do nothing;\n";
const TABLE: &str =
    "create table if not exists bench_events (event_key bigint primary key, body text);\n";

fn run(bench: &Bench) -> Result<Vec<Row>> {
    let url = bench
        .postgres
        .as_deref()
        .context("no PostgreSQL was named")?;
    let pgbench = bench.pgbench.as_deref().context("no pgbench was named")?;
    let folder = bench.fresh("pgbench")?;
    let (table, insert) = (folder.join("table.sql"), folder.join("insert.sql"));
    fs::write(&table, TABLE)?;
    fs::write(&insert, INSERT)?;
    transactions(pgbench, &table, url, &["--client=1", "--transactions=1"])?;

    let variation = Variation {
        postgres: Some(url.to_owned()),
        ..Variation::default()
    };
    let (mut rate, mut ratio, mut cpu) = (Series::default(), Series::default(), Series::default());
    for _ in 0..bench.runs {
        let time = if bench.quick { "--time=1" } else { "--time=3" };
        let one_each = transactions(pgbench, &insert, url, &["--client=16", time])?;
        let peer = bench.start(Kind::Proxy, &variation)?;
        let measured = webhooks::closed(bench, &peer).map_err(|error| peer.explain(&error))?;
        rate.push(Kind::Proxy, measured[0]);
        ratio.push(Kind::Proxy, measured[0] / one_each);
        cpu.push(Kind::Proxy, measured[1]);
    }
    Ok(vec![
        Row::new("C9 webhook on PostgreSQL, 64 at once", "/s", rate),
        Row::new("C9 webhook on PostgreSQL", "× inserts", ratio).goal(Goal::at_least(
            By::Value,
            3.5,
            4.7,
        )),
        Row::new("C9 webhook on PostgreSQL", "CPU s/10k", cpu),
    ])
}

/// How many transactions a second `pgbench` says that it made.
fn transactions(pgbench: &Path, script: &Path, url: &str, options: &[&str]) -> Result<f64> {
    let mut command = Command::new(pgbench);
    command
        .args(["--no-vacuum", "--protocol=prepared", "--file"])
        .arg(script);
    let output = command
        .args(options)
        .arg(url)
        .output()
        .context("starting pgbench")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pgbench failed: {errors}");
    rate(&String::from_utf8_lossy(&output.stdout)).context("pgbench told no rate")
}

fn rate(output: &str) -> Option<f64> {
    let line = output
        .lines()
        .find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_stands_in_its_line() {
        let output = "latency average = 2.5 ms\ntps = 6353.25 (without initial connection time)\n";
        assert_eq!(rate(output), Some(6353.25));
        assert_eq!(rate("nothing"), None);
    }
}
