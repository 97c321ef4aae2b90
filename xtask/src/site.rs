//! What a browser is served: the demo page, and beside it the npm package as npm would ship it.
//!
//! The page gets a copy of the packed files and not the source folder, so that a file that
//! package.json forgets to ship is missed here and not by the first user.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::npm::shipped_files;
use crate::workspace::Workspace;

/// Where the page finds the package, relative to itself.
const PACKAGE: &str = "mono-connect";

/// Fills `folder` anew with `www/` and the package, which must have been built.
pub(crate) fn assemble(workspace: &Workspace, folder: &Path) -> Result<()> {
    let files = shipped_files(workspace)?;
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    copy_folder(&workspace.path("www"), folder)?;
    copy_package(workspace, &files, folder)
}

/// Puts the package, which must have been built, beside the page in `www/`, so that a proxy can serve
/// that folder as it is.
pub(crate) fn complete(workspace: &Workspace) -> Result<()> {
    copy_package(
        workspace,
        &shipped_files(workspace)?,
        &workspace.path("www"),
    )
}

/// In place of an older one, which may have come with the page.
fn copy_package(workspace: &Workspace, files: &[PathBuf], folder: &Path) -> Result<()> {
    let (source, package) = (workspace.path("web/npm"), folder.join(PACKAGE));
    if package.exists() {
        fs::remove_dir_all(&package).with_context(|| format!("emptying {}", package.display()))?;
    }
    for file in files {
        copy_file(&source.join(file), &package.join(file))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let entries = fs::read_dir(from).with_context(|| format!("reading {}", from.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("reading {}", from.display()))?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            copy_file(&entry.path(), &target)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("copying {} to {}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_copied_with_its_subfolders() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("www");
        fs::create_dir_all(from.join("style")).unwrap();
        fs::write(from.join("index.html"), "page").unwrap();
        fs::write(from.join("style/main.css"), "css").unwrap();

        let to = folder.path().join("copy");
        copy_folder(&from, &to).unwrap();

        assert_eq!(fs::read_to_string(to.join("index.html")).unwrap(), "page");
        assert_eq!(
            fs::read_to_string(to.join("style/main.css")).unwrap(),
            "css"
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("index.js");
        let error = copy_file(&missing, &folder.path().join("copy.js")).unwrap_err();
        assert!(error.to_string().contains("index.js"), "{error}");
    }
}
