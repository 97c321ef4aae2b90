//! The part `integration`: the proxy's HTTP API against the simulator, by `mono-connect-tests`.

use anyhow::Result;

use super::outcome::Outcome;
use super::runner::libtest;
use super::{Part, Session};
use crate::process::cargo;

pub(crate) const PART: Part = Part {
    name: "integration",
    run,
};

fn run(session: &Session<'_>) -> Result<Outcome> {
    libtest(cargo(session.workspace.root()).args([
        "test",
        "--package",
        "mono-connect-tests",
        "--no-fail-fast",
    ]))
}
