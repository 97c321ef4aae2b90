//! The part `browser`: page, package, proxy and simulator together, in Chromium.
//!
//! The tests start the servers themselves. They are told where everything is by variables:
//! `MONO_CONNECT_PROXY_BIN`, `MONO_SIMULATOR_BIN`, `MONO_CONNECT_WWW`, `CHROMIUM_BIN`.

use anyhow::Result;

use super::chromium::chromium;
use super::outcome::Outcome;
use super::runner::node_test;
use super::{Part, Session};
use crate::process::{node, npm as npm_program, run as run_program};
use crate::{npm, programs, site};

pub(crate) const PART: Part = Part {
    name: "browser",
    run,
};

fn run(session: &Session<'_>) -> Result<Outcome> {
    let workspace = session.workspace;
    let browser = chromium(&session.debian)?;
    npm::command(workspace)?;
    let programs = programs::build_beside_tests(workspace)?;
    // Not the demo's folder: a demo that is running must not change under its user.
    let www = workspace.target("test/www");
    site::assemble(workspace, &www)?;

    let folder = workspace.path("tests/browser");
    run_program(npm_program(&folder)?.args(["ci", "--no-audit", "--no-fund"]))?;
    node_test(
        node(&folder)?
            // They wait more than they work.
            .args(["--test", "--test-concurrency=2", "--test-reporter=spec"])
            .env("MONO_CONNECT_PROXY_BIN", programs.proxy)
            .env("MONO_SIMULATOR_BIN", programs.simulator)
            .env("MONO_CONNECT_WWW", www)
            .env("CHROMIUM_BIN", browser),
    )
}
