//! What the Rust toolchain must bring beyond itself: targets for browsers and for images.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::environment::variable;
use crate::process::{capture, find_program, run};
use crate::terminal::note;
use crate::workspace::Workspace;

/// The target that browsers run.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Adds the wasm target to the toolchain of this checkout when it is not there.
pub(crate) fn ensure_wasm_target(workspace: &Workspace) -> Result<()> {
    ensure_target(workspace, WASM)
}

/// Adds a target to the toolchain of this checkout when it is not there.
pub(crate) fn ensure_target(workspace: &Workspace, target: &str) -> Result<()> {
    if has_target(workspace, target)? {
        return Ok(());
    }
    let Some(rustup) = find_program("rustup") else {
        bail!(
            "the target {target} is missing, and `rustup` is not on PATH to add it: install rustup \
             (https://rustup.rs), or the target with the package manager that installed Rust"
        );
    };
    note(&format!("adding the target {target}"));
    run(Command::new(rustup)
        .args(["target", "add", target])
        .current_dir(workspace.root()))?;
    if has_target(workspace, target)? {
        return Ok(());
    }
    bail!("rustup added {target}, but the toolchain of this checkout still has none")
}

/// Looks where the compiler looks, so that a toolchain without rustup is fine too.
fn has_target(workspace: &Workspace, target: &str) -> Result<bool> {
    let rustc = variable("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command
        .args(["--print", "sysroot"])
        .current_dir(workspace.root());
    let sysroot = capture(&mut command)?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(target)
        .join("lib")
        .is_dir())
}
