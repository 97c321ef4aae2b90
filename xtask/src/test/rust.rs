//! The part `rust`: unit tests and documentation examples of every package, on this machine.

use anyhow::Result;

use super::outcome::Outcome;
use super::runner::libtest;
use super::{Part, Session};
use crate::process::cargo;

pub(crate) const PART: Part = Part { name: "rust", run };

fn run(session: &Session<'_>) -> Result<Outcome> {
    let root = session.workspace.root();
    let mut outcome = libtest(cargo(root).args([
        "test",
        "--workspace",
        "--exclude",
        "xtask",
        "--exclude",
        "mono-connect-tests",
        "--no-fail-fast",
    ]))?;
    // With the profile that compiled us: the other one would compile wasm-bindgen once more.
    outcome.add(libtest(cargo(root).args([
        "test",
        "--package",
        "xtask",
        "--profile",
        "xtask",
        "--no-fail-fast",
    ]))?);
    Ok(outcome)
}
