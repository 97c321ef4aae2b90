//! The part `rust`: unit tests and documentation examples of every package, on this machine,
//! apart from what needs PostgreSQL.

use anyhow::Result;

use super::outcome::Outcome;
use super::runner::libtest;
use super::{Part, Session, integration, postgres};
use crate::process::cargo;

pub(crate) const PART: Part = Part { name: "rust", run };

fn run(session: &Session<'_>) -> Result<Outcome> {
    let root = session.workspace.root();
    let mut outcome = libtest(cargo(root).args([
        "test",
        "--locked",
        "--workspace",
        "--exclude",
        "xtask",
        "--exclude",
        integration::PACKAGE,
        "--no-fail-fast",
        "--",
        "--skip",
        postgres::MARK,
    ]))?;
    // With the profile that compiled us: the other one would compile wasm-bindgen once more.
    outcome.add(libtest(cargo(root).args([
        "test",
        "--locked",
        "--package",
        "xtask",
        "--profile",
        "xtask",
        "--no-fail-fast",
    ]))?);
    Ok(outcome)
}
