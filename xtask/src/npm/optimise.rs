//! Makes the wasm smaller with binaryen's `wasm-opt`, which is nice to have and no more.
//!
//! Without network the module works as well, about a sixth bigger: so every failure to *get*
//! wasm-opt is a warning, while a wasm-opt that is there and fails is an error.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process::{find_program, node, npm, run};
use crate::terminal::note;
use crate::workspace::Workspace;

/// The version that the sizes were measured with.
const BINARYEN: &str = "132.0.0";

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
    let tools = workspace.target("tools");
    let script = tools.join("node_modules/binaryen/bin/wasm-opt");
    if installed_version(&tools).as_deref() != Some(BINARYEN)
        && let Err(error) = install(&tools)
    {
        note(&format!("could not install binaryen from npm: {error:#}"));
    }
    if script.is_file() {
        let mut command = node(workspace.root())?;
        command.arg(script);
        return Ok(Some(command));
    }
    Ok(find_program("wasm-opt").map(Command::new))
}

fn installed_version(tools: &Path) -> Option<String> {
    let manifest = fs::read(tools.join("node_modules/binaryen/package.json")).ok()?;
    let manifest: Value = serde_json::from_slice(&manifest).ok()?;
    manifest.get("version")?.as_str().map(str::to_owned)
}

fn install(tools: &Path) -> Result<()> {
    note("installing binaryen for wasm-opt");
    fs::create_dir_all(tools).with_context(|| format!("creating {}", tools.display()))?;
    // Without a package.json of its own npm would climb up and change the nearest one it finds.
    fs::write(tools.join("package.json"), "{ \"private\": true }\n")
        .with_context(|| format!("writing into {}", tools.display()))?;
    let mut command = npm(tools)?;
    command.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--no-package-lock",
    ]);
    run(command.arg(format!("binaryen@{BINARYEN}")))
}
