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

/// Builds both.
pub(crate) fn build(workspace: &Workspace) -> Result<Programs> {
    note("building the proxy and the simulator");
    run(cargo(workspace.root()).args([
        "build",
        "--package",
        "mono-connect-proxy",
        "--package",
        "mono-simulator",
    ]))?;
    let program = |name: &str| workspace.target("debug").join(name).with_extension(ENDING);
    Ok(Programs {
        proxy: program("mono-connect-proxy"),
        simulator: program("mono-simulator"),
    })
}

const ENDING: &str = std::env::consts::EXE_EXTENSION;
