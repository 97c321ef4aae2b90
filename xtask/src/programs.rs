//! The two programs that the demo and the browser tests start, as cargo built them for development.

use std::path::PathBuf;

use anyhow::Result;

use crate::process::{cargo, run};
use crate::terminal::note;
use crate::workspace::Workspace;

/// Where the built programs are.
pub(crate) struct Programs {
    pub(crate) proxy: PathBuf,
    pub(crate) simulator: PathBuf,
}

/// Builds both, and nothing that only tests need.
pub(crate) fn build(workspace: &Workspace) -> Result<Programs> {
    build_with(
        workspace,
        &[
            "--package",
            "mono-connect-proxy",
            "--package",
            "mono-simulator",
        ],
    )
}

/// Builds both from the dependencies that `cargo test` has compiled already.
///
/// Tests turn on features of dependencies (tokio's clock control, for one), and cargo compiles
/// those dependencies once more for whoever does not. It takes the tests' features into account
/// when it is asked for examples as well, of which there are none.
pub(crate) fn build_beside_tests(workspace: &Workspace) -> Result<Programs> {
    build_with(
        workspace,
        &["--workspace", "--exclude", "xtask", "--bins", "--examples"],
    )
}

fn build_with(workspace: &Workspace, selection: &[&str]) -> Result<Programs> {
    note("building the proxy and the simulator");
    run(cargo(workspace.root())
        .args(["build", "--locked"])
        .args(selection))?;
    let program = |name: &str| {
        let file = workspace.target("debug").join(name);
        file.with_extension(std::env::consts::EXE_EXTENSION)
    };
    Ok(Programs {
        proxy: program("mono-connect-proxy"),
        simulator: program("mono-simulator"),
    })
}
