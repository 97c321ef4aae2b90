//! `cargo xtask bench`: the proxy beside peers that do comparable work, as a table of ratios.
//!
//! It builds and installs what is needed; `tests/bench` measures. A wrong answer fails it, and so does a
//! peer that cannot run; a slow figure is a line of the table.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;

use crate::process::{cargo, find_program, node, npm, run};
use crate::terminal::note;
use crate::test::cluster::{self, Durability};
use crate::test::debian::Debian;
use crate::workspace::Workspace;

/// Where Debian has nginx, which is not on everybody's PATH.
const NGINX: &str = "/usr/sbin/nginx";

/// The scenario that needs a PostgreSQL.
const POSTGRES: &str = "postgres";

/// What to measure, and how often.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often everything is measured; the table holds medians
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    runs: u32,
    /// Only this scenario (page, small, large, cached, exchange, latency, webhooks, postgres, events, memory, overload, cold); may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// A tenth of the load: to see that everything runs
    #[arg(long)]
    quick: bool,
}

/// Builds, installs and measures.
pub(crate) fn command(workspace: &Workspace, options: &Options) -> Result<()> {
    let debian = Debian::default();
    let nginx = nginx(&debian)?;
    let sources = workspace.path("tests/bench");
    let express = sources.join("express");
    if !is_installed(&express) {
        note("installing the Express peer");
        run(npm(&express)?.args(["ci", "--no-audit", "--no-fund"]))?;
    }
    note("building the proxy and the benchmarks for release");
    // One after the other: together, the proxy would be built with features of what only the other uses.
    for package in ["mono-connect-proxy", "mono-bench"] {
        run(cargo(workspace.root()).args(["build", "--release", "--package", package]))?;
    }
    let program = |name: &str| workspace.target("release").join(name);

    let mut bench = std::process::Command::new(program("mono-bench"));
    bench.arg("--proxy").arg(program("mono-connect-proxy"));
    bench.arg("--nginx").arg(nginx);
    bench.arg("--node").arg(node(&express)?.get_program());
    bench.arg("--sources").arg(&sources);
    bench.arg("--folder").arg(workspace.target("bench"));
    bench.arg("--runs").arg(options.runs.to_string());
    for name in &options.only {
        bench.arg("--only").arg(name);
    }
    if options.quick {
        bench.arg("--quick");
    }
    let wants_postgres =
        options.only.is_empty() || options.only.iter().any(|name| name == POSTGRES);
    let cluster = if wants_postgres {
        // One of our own: a server that others use would be measured with what they do.
        let cluster = cluster::start(workspace, &debian, Durability::AsOnASite)?;
        bench.arg("--postgres").arg(cluster.url());
        bench.arg("--pgbench").arg(pgbench(&cluster)?);
        Some(cluster)
    } else {
        None
    };
    // The table is its output: it goes where ours goes.
    let status = bench.status().context("starting mono-bench")?;
    if let Some(cluster) = cluster {
        cluster.stop()?;
    }
    anyhow::ensure!(status.success(), "the benchmarks failed ({status})");
    Ok(())
}

/// Whether npm has installed what the lock file says: it may have to compile SQLite, which takes minutes.
fn is_installed(folder: &Path) -> bool {
    let modified =
        |name: &str| std::fs::metadata(folder.join(name)).and_then(|file| file.modified());
    let installed = modified("node_modules/.package-lock.json");
    matches!((installed, modified("package-lock.json")), (Ok(then), Ok(locked)) if then >= locked)
}

fn nginx(debian: &Debian) -> Result<PathBuf> {
    let found = || find_program("nginx").or_else(|| existing(Path::new(NGINX)));
    if let Some(path) = found() {
        return Ok(path);
    }
    debian
        .install("nginx")
        .context("nginx is missing: install it so that it is on PATH")?;
    found().context("Debian's nginx is installed, but not on PATH")
}

/// Beside PostgreSQL's other programs.
fn pgbench(cluster: &cluster::Cluster) -> Result<PathBuf> {
    let beside = cluster
        .programs()
        .and_then(|folder| existing(&folder.join("pgbench")));
    let found = beside.or_else(|| find_program("pgbench"));
    found.context("pgbench is missing: install PostgreSQL's client programs")
}

fn existing(path: &Path) -> Option<PathBuf> {
    path.is_file().then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_as_new_as_its_lock() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(folder.path().join(name), "{}").unwrap();
        write("package-lock.json");
        assert!(!is_installed(folder.path()));
        std::fs::create_dir(folder.path().join("node_modules")).unwrap();
        write("node_modules/.package-lock.json");
        assert!(is_installed(folder.path()));
    }

    #[test]
    fn the_help_names_every_scenario() {
        use clap::CommandFactory as _;

        #[derive(clap::Parser)]
        struct Alone {
            #[command(flatten)]
            _options: Options,
        }
        let help = Alone::command().render_help().to_string();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bench/src/scenarios");
        let mut names = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let lines = text.split("name: \"").skip(1);
            names.extend(lines.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
        assert_eq!(names.len(), 12, "{names:?}");
        for name in names {
            assert!(help.contains(&name), "{name} is missing in: {help}");
        }
    }
}
