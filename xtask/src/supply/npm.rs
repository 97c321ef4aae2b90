//! `npm audit` of every lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::npm;
use crate::workspace::Workspace;

/// Where lock files are, and folders of them.
const PLACES: [&str; 2] = ["tests/browser", "tests/packaging/consumers"];

/// What came of an audit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Audit {
    /// Nothing is known.
    Clean,
    /// So many are.
    Holes(u64),
    /// The registry has none of this, and answered with this status.
    NotOffered(u64),
}

/// Every folder with a lock file.
pub(super) fn locks(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for place in PLACES {
        let place = workspace.path(place);
        let entries =
            fs::read_dir(&place).with_context(|| format!("reading {}", place.display()))?;
        let mut folders = vec![place];
        for entry in entries {
            folders.push(entry.context("reading a folder")?.path());
        }
        let has_lock = |folder: &PathBuf| folder.join("package-lock.json").is_file();
        found.extend(folders.into_iter().filter(has_lock));
    }
    found.sort();
    if found.is_empty() {
        bail!("there is no package-lock.json in {}", PLACES.join(", "));
    }
    Ok(found)
}

/// Asks the registry about what the lock file in this folder names.
pub(super) fn audit(folder: &Path) -> Result<Audit> {
    let output = npm(folder)?
        .args(["audit", "--package-lock-only", "--json"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .context("`npm audit` did not start")?;
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    read(&report).with_context(|| format!("`npm audit` in {}", folder.display()))
}

fn read(report: &Value) -> Result<Audit> {
    if let Some(total) = report["metadata"]["vulnerabilities"]["total"].as_u64() {
        return Ok(if total == 0 {
            Audit::Clean
        } else {
            Audit::Holes(total)
        });
    }
    if let Some(status @ (404 | 405 | 501)) = report["statusCode"].as_u64() {
        return Ok(Audit::NotOffered(status));
    }
    let message = report["message"].as_str();
    let message = message.or(report["error"]["summary"].as_str());
    bail!(
        "the registry did not answer: {}",
        message.unwrap_or("no reason")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_an_answer_is_an_answer() {
        let of = |total: u64| json!({"metadata": {"vulnerabilities": {"total": total}}});
        assert_eq!(read(&of(0)).unwrap(), Audit::Clean);
        assert_eq!(read(&of(2)).unwrap(), Audit::Holes(2));
        let no_such = json!({"statusCode": 405, "message": "405 Method Not Allowed"});
        assert_eq!(read(&no_such).unwrap(), Audit::NotOffered(405));
        for broken in [
            json!({"message": "getaddrinfo ENOTFOUND", "error": {"code": "ENOTFOUND"}}),
            json!({"statusCode": 503, "message": "503"}),
            json!({"statusCode": 401, "message": "401"}),
            Value::Null,
        ] {
            read(&broken).unwrap_err();
        }
    }

    #[test]
    fn every_lock_file_is_found() {
        let workspace = Workspace::locate().unwrap();
        let locks = locks(&workspace).unwrap();
        assert!(locks.iter().any(|folder| folder.ends_with("browser")));
        assert!(
            locks
                .iter()
                .any(|folder| folder.ends_with("consumers/vite"))
        );
    }
}
