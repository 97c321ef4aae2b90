//! Makes the wasm smaller with binaryen's `wasm-opt`, which is nice to have and no more.
//!
//! Without network the module works as well, about a sixth bigger: so every failure to *get*
//! wasm-opt is a warning, while a wasm-opt that is there and fails is an error.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::tools::{self, NpmTool};
use crate::process::{find_program, node, run};
use crate::terminal::note;
use crate::workspace::Workspace;

/// The version that the sizes were measured with.
const BINARYEN: NpmTool = NpmTool {
    package: "binaryen",
    version: "132.0.0",
    program: "bin/wasm-opt",
};

/// The features are those that rustc turns on for the target; wasm-opt must know them, because the
/// section that lists them is stripped.
const FLAGS: &[&str] = &[
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Optimises the file in place.
pub(crate) fn shrink(workspace: &Workspace, wasm: &Path) -> Result<()> {
    let Some(mut wasm_opt) = wasm_opt(workspace)? else {
        note("no wasm-opt (npm package binaryen, or Debian's): the wasm stays bigger than needed");
        return Ok(());
    };
    let smaller = wasm.with_extension("smaller.wasm");
    run(wasm_opt.args(FLAGS).arg(wasm).arg("-o").arg(&smaller))?;
    fs::rename(&smaller, wasm).with_context(|| format!("replacing {}", wasm.display()))
}

fn wasm_opt(workspace: &Workspace) -> Result<Option<Command>> {
    if let Some(script) = tools::from_npm(workspace, &BINARYEN) {
        let mut command = node(workspace.root())?;
        command.arg(script);
        return Ok(Some(command));
    }
    Ok(find_program("wasm-opt").map(Command::new))
}
