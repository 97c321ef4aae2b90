//! `cargo xtask tidy`: the invariants of the design, as a command.
//!
//! It reads files and manifests and compiles nothing. What clippy can check is left to clippy.

mod arrows;
mod code;
mod cycles;
mod decisions;
mod imports;
mod manifests;
mod promises;
mod tree;
mod words;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use self::tree::Tree;
use crate::terminal::say;
use crate::workspace::Workspace;

/// One place that breaks one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    sentence: String,
}

impl Violation {
    fn new(path: &str, line: usize, sentence: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            sentence: sentence.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.sentence)
    }
}

/// Checks every rule, prints each violation, and fails when there is one.
pub(crate) fn command(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(workspace.root())?;
    let violations = check(&tree, workspace);
    for violation in &violations {
        say(&violation.to_string());
    }
    match violations.len() {
        0 => {
            say(&format!(
                "tidy: {} files, nothing to complain about",
                tree.files().len()
            ));
            Ok(())
        }
        1 => bail!("tidy found 1 violation"),
        many => bail!("tidy found {many} violations"),
    }
}

fn check(tree: &Tree, workspace: &Workspace) -> Vec<Violation> {
    let mut violations = arrows::check(workspace.packages(), workspace.root(), tree);
    let sources: Vec<String> = workspace
        .packages()
        .iter()
        .filter_map(|package| source_folder(&package.manifest_path, workspace.root()))
        .collect();
    violations.extend(decisions::check(tree));
    violations.extend(promises::check(tree));
    for file in tree.files() {
        violations.extend(words::check(file));
        violations.extend(manifests::check(file));
    }
    let parsed = tree.parse(&mut violations);
    for (file, code) in &parsed {
        violations.extend(imports::check(file, code));
    }
    for source in sources {
        violations.extend(cycles::check(&source, &parsed));
    }
    violations.sort();
    violations.dedup();
    violations
}

/// The `src` beside a manifest, relative to the checkout, with slashes.
fn source_folder(manifest: &Path, root: &Path) -> Option<String> {
    let folder = manifest.parent()?.strip_prefix(root).ok()?;
    Some(tree::with_slashes(&folder.join("src")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_reads_as_a_place_and_a_sentence() {
        let violation = Violation::new("shared/src/lib.rs", 7, "This is wrong.");
        assert_eq!(violation.to_string(), "shared/src/lib.rs:7: This is wrong.");
    }

    #[test]
    fn the_source_folder_is_relative_to_the_checkout() {
        let root = Path::new("/checkout");
        let manifest = Path::new("/checkout/proxy/mono/Cargo.toml");
        assert_eq!(
            source_folder(manifest, root).as_deref(),
            Some("proxy/mono/src")
        );
    }
}
