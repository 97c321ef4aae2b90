//! The part `packaging`: the packed package in real projects, installed and run as by their authors.
//!
//! One test file per project in `tests/packaging/`. They are told where everything is by variables:
//! those of the part `browser`, `MONO_CONNECT_TARBALL` and `MONO_CONNECT_SCRATCH`.

use anyhow::Result;

use super::chromium::chromium;
use super::outcome::Outcome;
use super::runner::node_test;
use super::{Part, Session};
use crate::process::{node, npm as npm_program, run as run_program};
use crate::{npm, programs};

pub(crate) const PART: Part = Part {
    name: "packaging",
    run,
};

fn run(session: &Session<'_>) -> Result<Outcome> {
    let workspace = session.workspace;
    let browser = chromium(&session.debian)?;
    npm::build(workspace)?;
    let programs = programs::build_beside_tests(workspace)?;
    // The projects stay here from run to run, so that only what has changed is installed.
    let scratch = workspace.target("test/packaging");
    let tarball = npm::pack(workspace, &scratch)?;

    // Stage and visitor are those of the browser tests.
    let browser_tests = workspace.path("tests/browser");
    run_program(npm_program(&browser_tests)?.args(["ci", "--no-audit", "--no-fund"]))?;
    node_test(
        node(&workspace.path("tests/packaging"))?
            // Installing waits for the disk and building for the processor: two get on well.
            .args(["--test", "--test-concurrency=2", "--test-reporter=spec"])
            .env("MONO_CONNECT_PROXY_BIN", programs.proxy)
            .env("MONO_SIMULATOR_BIN", programs.simulator)
            .env("MONO_CONNECT_TARBALL", tarball)
            .env("MONO_CONNECT_SCRATCH", scratch)
            .env("CHROMIUM_BIN", browser),
    )
}
