//! Files and tests that the documents name exist: `path`, `path/{one,other}.rs`, `path::test`.
//!
//! And the document on security tells of every table.
//! Decision records are history, and may name what has gone since.

use super::Violation;
use super::tree::{SourceFile, Tree};

/// Checks every document.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let is_document = |file: &&SourceFile| {
        file.path == "README.md"
            || file.is("md")
                && file.path.starts_with("docs/")
                && !file.path.starts_with("docs/adr/")
    };
    let documents = tree.files().iter().filter(is_document);
    documents
        .flat_map(|document| document_violations(document, tree))
        .chain(untold_tables(tree))
        .collect()
}

/// Where it is written what is kept, and for how long.
const KEPT: &str = "docs/SECURITY.md";

/// Tables of which nobody is told.
fn untold_tables(tree: &Tree) -> Vec<Violation> {
    let told = tree.files().iter().find(|file| file.path == KEPT);
    let told = told.map_or("", |file| file.text.as_str());
    let mut found = Vec::new();
    for file in tree.files().iter().filter(|file| file.is("sql")) {
        for (number, line) in (1..).zip(file.text.lines()) {
            let Some(rest) = line.strip_prefix("create table ") else {
                continue;
            };
            let name = rest.split([' ', '(']).next().unwrap_or_default();
            if !told.contains(&format!("\n| `{name}` |")) {
                let sentence = format!("{KEPT} does not say how long `{name}` is kept.");
                found.push(Violation::new(&file.path, number, sentence));
            }
        }
    }
    found
}

fn document_violations(document: &SourceFile, tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (number, line) in (1..).zip(document.text.lines()) {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for quoted in line.split('`').skip(1).step_by(2) {
            let sentences = broken(quoted, tree);
            found.extend(
                sentences
                    .into_iter()
                    .map(|sentence| Violation::new(&document.path, number, sentence)),
            );
        }
    }
    found
}

/// What is wrong with one quotation. One that is no path of ours promises nothing.
fn broken(quoted: &str, tree: &Tree) -> Vec<String> {
    let (path, test) = match quoted.split_once("::") {
        Some((path, test)) => (path, Some(test)),
        None => (quoted, None),
    };
    if path.contains(char::is_whitespace) || !starts_in_checkout(path, tree) {
        return Vec::new();
    }
    let paths = alternatives(path).into_iter();
    paths
        .filter_map(|path| {
            let mut files = tree
                .files()
                .iter()
                .filter(|file| matches(&path, &file.path));
            match test {
                None => files
                    .next()
                    .is_none()
                    .then(|| format!("`{path}` does not exist.")),
                Some(test) => (!files.any(|file| declares(file, test)))
                    .then(|| format!("`{path}` has no test `{test}`.")),
            }
        })
        .collect()
}

/// Whether the first part of the path is a top-level folder.
fn starts_in_checkout(path: &str, tree: &Tree) -> bool {
    path.split_once('/').is_some_and(|(top, _)| {
        let folder = format!("{top}/");
        tree.files()
            .iter()
            .any(|file| file.path.starts_with(&folder))
    })
}

/// `a/{b,c}.rs` is `a/b.rs` and `a/c.rs`.
fn alternatives(path: &str) -> Vec<String> {
    let inner = path
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match inner {
        None => vec![path.to_owned()],
        Some((before, (inside, after))) => inside
            .split(',')
            .map(|one| format!("{before}{one}{after}"))
            .collect(),
    }
}

/// Whether it is this file, with one `*` for anything, or a folder around it.
fn matches(pattern: &str, path: &str) -> bool {
    if let Some((before, after)) = pattern.split_once('*') {
        return path
            .strip_prefix(before)
            .is_some_and(|rest| rest.ends_with(after));
    }
    let folder = format!("{}/", pattern.trim_end_matches('/'));
    path == pattern || path.starts_with(&folder)
}

/// Whether the file has a test of this name.
fn declares(file: &SourceFile, test: &str) -> bool {
    if !file.is("rs") {
        return ['"', '`']
            .iter()
            .any(|quote| file.text.contains(&format!("{quote}{test}{quote}")));
    }
    let head = format!("fn {test}(");
    let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(at, line)| {
        line.contains(&head)
            && lines[..at]
                .iter()
                .rev()
                .take_while(|line| !line.is_empty() && !line.ends_with('}'))
                .any(|line| line.contains("test"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(document: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("README.md", document),
            (
                "tests/it/a.rs",
                "#[test]\nfn first() {}\n#[tokio::test(start_paused = true)]\nasync fn second() {}\n\
                 fn helper() {}\n",
            ),
            ("tests/browser/b.test.mjs", "test(\"a page opens\", run);\n"),
        ]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_exists_is_fine() {
        for good in [
            "`tests/it/a.rs`",
            "`tests/it/`",
            "`tests/it`",
            "`tests/{it/a.rs,browser/b.test.mjs}`",
            "`tests/browser/b*.mjs`",
            "`tests/it/a.rs::first`, `tests/it/a.rs::second`",
            "`tests/browser/b.test.mjs::a page opens`",
            "`https://example.com/tests/none`",
            "`GET /api/none`",
            "`target/none`",
            "```\n`tests/none.rs`\n```",
        ] {
            assert_eq!(complaints(good), [""; 0], "{good}");
        }
    }

    #[test]
    fn what_does_not_exist_is_shown() {
        assert_eq!(
            complaints("x\n`tests/it/c.rs`"),
            ["README.md:2: `tests/it/c.rs` does not exist."]
        );
        assert_eq!(complaints("`tests/it/{a,c}.rs`").len(), 1);
        assert_eq!(complaints("`tests/it/c*.rs`").len(), 1);
        for test in ["third", "helper", "firs"] {
            assert_eq!(
                complaints(&format!("`tests/it/a.rs::{test}`")),
                [format!(
                    "README.md:1: `tests/it/a.rs` has no test `{test}`."
                )]
            );
        }
        assert_eq!(complaints("`tests/browser/b.test.mjs::a page`").len(), 1);
    }

    #[test]
    fn every_table_is_told_of() {
        let tree = Tree::of(&[
            (KEPT, "# Kept\n| `told` | for a day |\n"),
            (
                "a/1.sql",
                "create table told (\n);\ncreate table untold (\n",
            ),
        ]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            ["a/1.sql:3: docs/SECURITY.md does not say how long `untold` is kept."]
        );
    }

    #[test]
    fn decisions_may_name_what_has_gone() {
        let tree = Tree::of(&[("docs/adr/0001-a.md", "`docs/none.md`")]);
        assert_eq!(check(&tree), []);
    }
}
