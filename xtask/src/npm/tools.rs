//! Programs that make the package smaller, from npm, in a folder of their own under `target/`.
//!
//! Nice to have and no more: every failure to *get* one is a warning, because without network the
//! package works as well and is bigger.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process::{npm, run};
use crate::terminal::note;
use crate::workspace::Workspace;

/// A program in an npm package.
pub(crate) struct NpmTool {
    /// The package.
    pub(crate) package: &'static str,
    /// Exactly this version.
    pub(crate) version: &'static str,
    /// Where the program is in the package.
    pub(crate) program: &'static str,
}

/// The program, installed if it is not there yet; none when it cannot be had.
pub(crate) fn from_npm(workspace: &Workspace, tool: &NpmTool) -> Option<PathBuf> {
    let folder = workspace.target("tools").join(tool.package);
    let package = folder.join("node_modules").join(tool.package);
    if installed_version(&package).as_deref() != Some(tool.version)
        && let Err(error) = install(&folder, tool)
    {
        let name = tool.package;
        note(&format!("could not install {name} from npm: {error:#}"));
    }
    let program = package.join(tool.program);
    program.is_file().then_some(program)
}

fn installed_version(package: &Path) -> Option<String> {
    let manifest = fs::read(package.join("package.json")).ok()?;
    let manifest: Value = serde_json::from_slice(&manifest).ok()?;
    manifest.get("version")?.as_str().map(str::to_owned)
}

fn install(folder: &Path, tool: &NpmTool) -> Result<()> {
    let wanted = format!("{}@{}", tool.package, tool.version);
    note(&format!("installing {wanted}"));
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    // Without a package.json of its own npm would climb up and change the nearest one it finds.
    fs::write(folder.join("package.json"), "{ \"private\": true }\n")
        .with_context(|| format!("writing into {}", folder.display()))?;
    let mut command = npm(folder)?;
    command.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--no-package-lock",
    ]);
    run(command.arg(wanted))
}
