//! Makes the glue smaller with esbuild: one file without comments, long names, and snippets beside
//! it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::bindings::GLUE_FILE;
use super::tools::{self, NpmTool};
use crate::process::run;
use crate::terminal::note;
use crate::workspace::Workspace;

/// The version that the sizes were measured with.
const ESBUILD: NpmTool = NpmTool {
    package: "esbuild",
    version: "0.28.2",
    program: "bin/esbuild",
};

/// What the browsers that know the wasm features can read: nothing is rewritten for older ones.
const FLAGS: &[&str] = &[
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--legal-comments=none",
    "--log-level=warning",
];

/// Shrinks the glue in place, and takes the snippets in.
pub(crate) fn shrink(workspace: &Workspace, dist: &Path) -> Result<()> {
    let Some(esbuild) = tools::from_npm(workspace, &ESBUILD) else {
        note("no esbuild (from npm): the glue stays bigger than needed");
        return Ok(());
    };
    let glue = dist.join(GLUE_FILE);
    let smaller = glue.with_extension("smaller.js");
    let mut command = Command::new(esbuild);
    command.current_dir(dist).args(FLAGS).arg(GLUE_FILE);
    run(command.arg(format!("--outfile={}", smaller.display())))?;
    fs::rename(&smaller, &glue).with_context(|| format!("replacing {}", glue.display()))?;
    let snippets = dist.join("snippets");
    if snippets.exists() {
        fs::remove_dir_all(&snippets)
            .with_context(|| format!("removing {}", snippets.display()))?;
    }
    Ok(())
}
