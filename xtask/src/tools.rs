//! Programs of others that are written in Rust, each in exactly one version, compiled into cargo's
//! target folder when they are first needed.

use std::path::PathBuf;

use anyhow::Result;

use crate::process::{cargo, run};
use crate::terminal::note;
use crate::workspace::Workspace;

/// A program on crates.io.
pub(crate) struct Tool {
    /// Of the crate and of its program.
    pub(crate) name: &'static str,
    /// Exactly this one.
    pub(crate) version: &'static str,
}

/// Where the program is, compiled if it is not there yet.
pub(crate) fn from_crates_io(workspace: &Workspace, tool: &Tool) -> Result<PathBuf> {
    let Tool { name, version } = tool;
    let folder = workspace.target("tools").join(format!("{name}-{version}"));
    let program = folder.join("bin").join(name);
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    if !program.is_file() {
        note(&format!(
            "compiling {name} {version}; this takes minutes, once"
        ));
        // Outside the workspace, whose settings are not meant for it.
        let mut install = cargo(&std::env::temp_dir());
        install.args(["install", "--locked", "--version", version, "--root"]);
        // It runs once in each run of ci: ready soon is worth more than fast.
        install
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        run(install.arg(&folder).arg(name))?;
    }
    Ok(program)
}
