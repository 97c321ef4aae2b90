//! `cargo xtask npm`: the browser module as an npm package in `web/npm/`.
//!
//! It generates `web/npm/dist/` and copies the licences: what is written by hand beside it
//! (package.json, the entry points) stays as it is.

mod bindings;
mod budget;
mod glue;
mod imports;
mod optimise;
mod package;
mod sizes;
mod tools;
mod types;

use anyhow::Result;

pub(crate) use self::package::{pack, shipped_files};

use crate::process::{cargo, run};
use crate::terminal::{note, say};
use crate::toolchain::{WASM, ensure_wasm_target};
use crate::workspace::Workspace;

/// Builds the package, says how big it is, and makes sure that npm would pack it.
pub(crate) fn command(workspace: &Workspace) -> Result<()> {
    build(workspace)?;
    let sizes = sizes::measure(workspace)?;
    say(&sizes.table());
    budget::check(workspace, &sizes)?;
    let files = shipped_files(workspace)?;
    say(&format!(
        "web/npm is ready for `npm pack`: {} files",
        files.len()
    ));
    Ok(())
}

/// Builds the package.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    ensure_wasm_target(workspace)?;
    note("building the browser module");
    run(cargo(workspace.root()).args([
        "build",
        "--locked",
        "--package",
        "mono-connect-web",
        "--profile",
        "wasm",
        "--target",
        WASM,
    ]))?;
    let dist = package::fresh_dist(workspace)?;
    let compiled = workspace
        .target(WASM)
        .join("wasm")
        .join("mono_connect_web.wasm");
    bindings::generate(&compiled, &dist)?;
    types::trim(&dist)?;
    package::add_licences(workspace)?;
    optimise::shrink(workspace, &dist.join(bindings::WASM_FILE))?;
    imports::shorten(&dist)?;
    glue::shrink(workspace, &dist)
}
