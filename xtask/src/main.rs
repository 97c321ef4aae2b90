//! `cargo xtask`: the commands of this workspace, so that a checkout needs rustup, node and nothing
//! else.
//!
//! One file per command. The rules that it enforces are those of the design; it holds no logic of
//! the product itself.

mod bench;
mod ci;
mod demo;
mod environment;
mod fuzz;
mod npm;
mod process;
mod programs;
mod site;
mod supply;
mod terminal;
mod test;
mod tidy;
mod toolchain;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::terminal::note;
use crate::workspace::Workspace;

/// The commands of the mono-connect workspace
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything, start proxy and simulator on loopback, and print the URL to open
    Demo,
    /// Run the tests, all or in parts
    Test(test::Options),
    /// Check format, lints, invariants and what it is built from, then run every test
    Ci,
    /// Check what it is built from: licences, sources, second versions, known holes
    Supply,
    /// Let libFuzzer look for input that breaks something
    Fuzz(fuzz::Options),
    /// Build the npm package into web/npm, and put it beside the demo page
    Npm,
    /// Measure the proxy beside its peers, as ratios
    Bench(bench::Options),
    /// Check the invariants of the design
    Tidy,
}

impl Task {
    fn run(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Demo => demo::command(workspace),
            Self::Test(options) => test::command(workspace, &options),
            Self::Ci => ci::command(workspace),
            Self::Supply => supply::command(workspace),
            Self::Fuzz(options) => fuzz::command(workspace, &options),
            Self::Npm => npm::command(workspace).and_then(|()| site::complete(workspace)),
            Self::Bench(options) => bench::command(workspace, &options),
            Self::Tidy => tidy::command(workspace),
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match Workspace::locate().and_then(|workspace| arguments.task.run(&workspace)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
