//! The folder that becomes the npm package, and what npm would take from it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::process::{capture, npm};
use crate::workspace::Workspace;

/// One package in the answer of `npm pack --json`.
#[derive(Deserialize)]
struct Packed {
    filename: String,
    files: Vec<PackedFile>,
}

impl Packed {
    fn files(self) -> Vec<PathBuf> {
        self.files.into_iter().map(|file| file.path).collect()
    }
}

#[derive(Deserialize)]
struct PackedFile {
    path: PathBuf,
}

/// An empty `dist`, so that nothing of an earlier build is shipped.
pub(crate) fn fresh_dist(workspace: &Workspace) -> Result<PathBuf> {
    let dist = workspace.path("web/npm/dist");
    if dist.exists() {
        fs::remove_dir_all(&dist).with_context(|| format!("emptying {}", dist.display()))?;
    }
    fs::create_dir_all(&dist).with_context(|| format!("creating {}", dist.display()))?;
    Ok(dist)
}

/// npm ships only what is in the folder, and a licence has to go along.
pub(crate) fn add_licences(workspace: &Workspace) -> Result<()> {
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let (from, to) = (
            workspace.path(licence),
            workspace.path("web/npm").join(licence),
        );
        fs::copy(&from, &to)
            .with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    }
    Ok(())
}

/// The files that `npm pack` would ship, relative to `web/npm`.
pub(crate) fn shipped_files(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let folder = workspace.path("web/npm");
    let mut command = npm(&folder)?;
    let answer = capture(command.args(["pack", "--dry-run", "--json", "--ignore-scripts"]))?;
    let files = parse(&answer)?.files();
    demand_generated(&files, &folder)?;
    Ok(files)
}

/// Packs the package, which must have been built, into `folder`.
pub(crate) fn pack(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let source = workspace.path("web/npm");
    let mut command = npm(&source)?;
    command.args(["pack", "--json", "--ignore-scripts", "--pack-destination"]);
    let packed = parse(&capture(command.arg(folder))?)?;
    let tarball = folder.join(&packed.filename);
    demand_generated(&packed.files(), &source)?;
    Ok(tarball)
}

fn parse(answer: &str) -> Result<Packed> {
    let packed: Vec<Packed> =
        serde_json::from_str(answer).context("reading the answer of `npm pack --json`")?;
    let first = packed.into_iter().next();
    first.context("`npm pack` names no package")
}

/// A `files` list in package.json that forgets the generated half packs without a complaint.
fn demand_generated(files: &[PathBuf], folder: &Path) -> Result<()> {
    for needed in [
        "index.js",
        "react.js",
        "element.js",
        "dist/mono_connect.js",
        "dist/mono_connect_bg.wasm",
    ] {
        if !files.iter().any(|file| file == Path::new(needed)) {
            bail!("`npm pack` in {} would not ship {needed}", folder.display());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_paths_that_npm_lists() {
        let answer = r#"[{ "filename": "mono-connect-0.1.0.tgz", "files": [
            { "path": "dist/mono_connect.js", "size": 1, "mode": 420 },
            { "path": "package.json", "size": 2, "mode": 420 }
        ] }]"#;
        let packed = parse(answer).unwrap();
        assert_eq!(packed.filename, "mono-connect-0.1.0.tgz");
        let files = packed.files();
        assert_eq!(
            files,
            [Path::new("dist/mono_connect.js"), Path::new("package.json")]
        );
    }

    #[test]
    fn a_package_without_its_generated_files_is_refused() {
        let complete: Vec<PathBuf> = [
            "index.js",
            "react.js",
            "element.js",
            "dist/mono_connect.js",
            "dist/mono_connect_bg.wasm",
        ]
        .map(PathBuf::from)
        .to_vec();
        demand_generated(&complete, Path::new("web/npm")).unwrap();

        for missing in 0..complete.len() {
            let mut files = complete.clone();
            let name = files.remove(missing);
            let error = demand_generated(&files, Path::new("web/npm"))
                .unwrap_err()
                .to_string();
            assert!(
                error.ends_with(&format!("would not ship {}", name.display())),
                "{error}"
            );
        }
    }
}
