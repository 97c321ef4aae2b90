//! The part `postgres`: every test that needs PostgreSQL, and the integration tests once more with
//! three proxies on PostgreSQL instead of one.
//!
//! By name: what has `postgres` in its path runs here and in no other part. A test that plain
//! `cargo test` runs without a server fails and says what to do.

use anyhow::Result;

use super::outcome::Outcome;
use super::runner::libtest;
use super::{Part, Session, cluster, integration};
use crate::process::cargo;

pub(crate) const PART: Part = Part {
    name: "postgres",
    run,
};

/// What tests that need PostgreSQL have in their path.
pub(crate) const MARK: &str = "postgres";

fn run(session: &Session<'_>) -> Result<Outcome> {
    let cluster = cluster::find_or_start(session.workspace, &session.debian)?;
    let server = ("MONO_CONNECT_TEST_POSTGRES_URL", cluster.url());
    let mut outcome = libtest(
        cargo(session.workspace.root())
            .args(["test", "--locked", "--workspace", "--no-fail-fast"])
            .args(["--exclude", "xtask", "--exclude", integration::PACKAGE])
            .args(["--tests", "--", MARK])
            .env(server.0, server.1),
    )?;
    // All of them, also those that say by themselves which store they are about.
    let variables = [
        server,
        ("MONO_CONNECT_TEST_DATABASE", "postgres"),
        ("MONO_CONNECT_TEST_PROXIES", "3"),
    ];
    // Histories choose their store by themselves, and never this one. The others wait for the server
    // more than they work.
    let arguments = ["--skip", "simulated::", "--test-threads", "4"];
    outcome.add(integration::run_with(session, &arguments, &variables)?);
    cluster.stop()?;
    Ok(outcome)
}
