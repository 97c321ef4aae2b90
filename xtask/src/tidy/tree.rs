//! The text files of the checkout.
//!
//! It walks folders and does not ask git, so that an unpacked archive can be checked too.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Violation;
use super::code::Code;

/// Folders with nothing of ours in them.
const FOREIGN: &[&str] = &[".git", "artifacts", "dist", "node_modules", "pkg", "target"];
/// Written by tools.
const GENERATED: &[&str] = &["Cargo.lock", "package-lock.json"];
const TEXT: &[&str] = &[
    "css", "html", "js", "json", "jsx", "md", "mjs", "rs", "sh", "sql", "toml", "ts", "tsx",
    "yaml", "yml",
];

/// A file and its text.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Relative to the checkout, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    /// Whether the name ends like this.
    pub(crate) fn is(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }

    /// Whether it holds tests only. The simulator lives in `tests/` and is a program like others.
    pub(crate) fn is_test(&self) -> bool {
        let path = self
            .path
            .strip_prefix("tests/simulator/")
            .unwrap_or(&self.path);
        path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("tests.rs")
    }
}

/// Every text file.
pub(crate) struct Tree {
    files: Vec<SourceFile>,
}

impl Tree {
    /// Reads them all.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(root, root, &mut files)?;
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Self { files })
    }

    /// Every file, by path.
    pub(crate) fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The Rust files with their code. One that cannot be read as Rust is a violation.
    pub(crate) fn parse(&self, violations: &mut Vec<Violation>) -> Vec<(&SourceFile, Code)> {
        let rust = self.files.iter().filter(|file| file.is("rs"));
        rust.filter_map(|file| match Code::parse(&file.text) {
            Ok(code) => Some((file, code)),
            Err(line) => {
                violations.push(Violation::new(&file.path, line, "This is not Rust."));
                None
            }
        })
        .collect()
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| SourceFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self {
            files: files.iter().map(file).collect(),
        }
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("reading {}", folder.display()))?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let kind = entry
            .file_type()
            .with_context(|| format!("reading {}", path.display()))?;
        if kind.is_dir() && !FOREIGN.contains(&&*name) {
            collect(root, &path, files)?;
        }
        if kind.is_file() && is_text(&path) && !GENERATED.contains(&&*name) {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("reading {} as text", path.display()))?;
            let relative = path.strip_prefix(root).unwrap_or(&path);
            files.push(SourceFile {
                path: with_slashes(relative),
                text,
            });
        }
    }
    Ok(())
}

fn is_text(path: &Path) -> bool {
    path.extension()
        .is_some_and(|found| TEXT.iter().any(|extension| found == *extension))
}

/// The path as it is written in messages on every system.
pub(crate) fn with_slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_text_and_leaves_out_what_is_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "src/lib.rs",
            "web/node_modules/a.js",
            "target/b.rs",
            "logo.png",
            "Cargo.lock",
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        let tree = Tree::read(folder.path()).unwrap();
        let paths: Vec<&str> = tree.files().iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["src/lib.rs"]);
    }

    #[test]
    fn tells_tests_from_programs() {
        let is_test = |path: &str| {
            SourceFile {
                path: path.into(),
                text: String::new(),
            }
            .is_test()
        };
        assert!(is_test("tests/it/accounts.rs"));
        assert!(is_test("tests/harness/lib.rs"));
        assert!(is_test("proxy/mono/src/client/tests.rs"));
        assert!(is_test("web/tests/widget.rs"));
        assert!(is_test("tests/simulator/tests/api.rs"));
        assert!(!is_test("tests/simulator/src/main.rs"));
        assert!(!is_test("proxy/src/accounts.rs"));
    }

    #[test]
    fn what_is_not_rust_is_a_violation() {
        let mut violations = Vec::new();
        let tree = Tree::of(&[
            ("a.rs", "fn good() {}"),
            ("b.rs", "//! Ends early.\nfn bad( {"),
        ]);
        assert_eq!(tree.parse(&mut violations).len(), 1);
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].path, "b.rs");
    }
}
