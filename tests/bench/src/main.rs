//! Measures the proxy beside peers that do comparable work, and prints a table of ratios.
//!
//! `cargo xtask bench` builds and installs what it needs and starts it. A slow figure is no failure; a
//! wrong answer is, and so is a peer that does not run.

mod bench;
mod client;
mod disk;
mod load;
mod machine;
mod peer;
mod process;
mod scenarios;
mod site;
mod stats;
mod steady;
mod streams;
mod table;
mod upstream;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Parser;

use crate::bench::Bench;
use crate::machine::LOAD;
use crate::peer::Programs;
use crate::scenarios::{ALL, Scenario};

/// Measures the proxy beside its peers
#[derive(Debug, Parser)]
struct Arguments {
    /// The proxy, built for release
    #[arg(long)]
    proxy: PathBuf,
    /// nginx
    #[arg(long)]
    nginx: PathBuf,
    /// Node.js
    #[arg(long)]
    node: PathBuf,
    /// Where this package's sources are
    #[arg(long)]
    sources: PathBuf,
    /// Where databases are made, on the disk that is measured
    #[arg(long)]
    folder: PathBuf,
    /// A PostgreSQL to measure on
    #[arg(long)]
    postgres: Option<String>,
    /// PostgreSQL's own benchmark
    #[arg(long)]
    pgbench: Option<PathBuf>,
    /// How often everything is measured
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// A tenth of the load
    #[arg(long)]
    quick: bool,
    /// Only this scenario; may be given several times
    #[arg(long)]
    only: Vec<String>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let scenarios = select(&arguments.only)?;
    machine::allow_descriptors()?;
    machine::pin(LOAD)?;
    let bench = Bench {
        programs: Programs {
            proxy: arguments.proxy,
            nginx: arguments.nginx,
            node: arguments.node,
            sources: arguments.sources,
        },
        upstream: upstream::start()?,
        folder: arguments.folder,
        runs: arguments.runs.max(1),
        quick: arguments.quick,
        postgres: arguments.postgres,
        pgbench: arguments.pgbench,
    };
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    for scenario in scenarios {
        let started = Instant::now();
        match (scenario.run)(&bench) {
            Ok(more) => rows.extend(more),
            Err(error) => broken.push(format!("{}: {error:#}", scenario.name)),
        }
        note(&format!("{} took {:.0?}", scenario.name, started.elapsed()));
    }
    say(&table::render(&rows));
    if broken.is_empty() {
        return Ok(());
    }
    bail!("not everything could be measured:\n{}", broken.join("\n"))
}

fn select(only: &[String]) -> Result<Vec<&'static Scenario>> {
    if let Some(unknown) = only
        .iter()
        .find(|name| ALL.iter().all(|known| known.name != **name))
    {
        let names: Vec<&str> = ALL.iter().map(|scenario| scenario.name).collect();
        bail!(
            "there is no scenario `{unknown}`; the scenarios are: {}",
            names.join(", ")
        );
    }
    let chosen =
        |scenario: &&Scenario| only.is_empty() || only.iter().any(|name| name == scenario.name);
    Ok(ALL.iter().filter(chosen).collect())
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(
    clippy::print_stderr,
    reason = "progress belongs to the person who watches"
)]
fn note(text: &str) {
    eprintln!("bench: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_scenario_is_an_error_that_lists_all() {
        assert_eq!(select(&[]).unwrap().len(), ALL.len());
        assert_eq!(select(&["small".to_owned()]).unwrap().len(), 1);
        let error = select(&["smal".to_owned()]).err().unwrap().to_string();
        assert!(
            error.contains("`smal`") && error.contains("webhooks"),
            "{error}"
        );
    }
}
