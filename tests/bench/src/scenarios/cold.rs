//! From nothing to the first answer, and how large the program is.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::Scenario;
use crate::bench::{Bench, milliseconds};
use crate::peer::{Kind, SITES, Variation};
use crate::stats::kibibytes;
use crate::table::{By, Goal, Row, Series};

pub(super) const SCENARIO: Scenario = Scenario { name: "cold", run };

fn run(bench: &Bench) -> Result<Vec<Row>> {
    let (mut new, mut existing) = (Series::default(), Series::default());
    for _ in 0..3 * bench.runs {
        for kind in SITES {
            let first = bench.start(kind, &Variation::default())?;
            new.push(kind, milliseconds(first.start));
            drop(first);
            let second = bench.start_again(kind, &Variation::default())?;
            existing.push(kind, milliseconds(second.start));
        }
    }
    let mut size = Series::default();
    size.push(Kind::Proxy, megabytes(stripped(bench)?));
    Ok(vec![
        Row::new("C13 start, database exists", "ms", existing).goal(Goal::at_most(
            By::Value,
            20.0,
            7.0,
        )),
        Row::new("C13 start, new database", "ms", new)
            .goal(Goal::at_most(By::Value, 150.0, 150.0).only()),
        Row::new("C14 program, stripped", "MB", size).goal(Goal::at_most(By::Value, 12.0, 8.0)),
    ])
}

fn megabytes(bytes: u64) -> f64 {
    kibibytes(bytes) * 1024.0 / 1_000_000.0
}

fn stripped(bench: &Bench) -> Result<u64> {
    let file = bench.fresh("program")?.join("stripped");
    let mut strip = Command::new("strip");
    let status = strip
        .arg("-o")
        .arg(&file)
        .arg(&bench.programs.proxy)
        .status();
    ensure!(
        status.context("starting `strip`, of binutils")?.success(),
        "`strip` failed"
    );
    Ok(fs::metadata(&file)?.len())
}
