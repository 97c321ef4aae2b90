//! No module cycle inside a crate: the graph of its top-level modules has a top and a bottom.
//!
//! Inside one top-level module, files may know each other. The crate's root may name everything,
//! so what it exports again counts as an import of the module that it comes from.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Violation;
use super::code::{Code, NamedPath};
use super::tree::SourceFile;

/// Module to the modules it imports, each with the place of the first import.
type Graph = BTreeMap<String, BTreeMap<String, (String, usize)>>;

/// Checks the crate whose sources are in this folder.
pub(crate) fn check(source: &str, files: &[(&SourceFile, Code)]) -> Vec<Violation> {
    let graph = graph(source, files);
    let mut found = Vec::new();
    for (module, imports) in &graph {
        for (imported, (path, line)) in imports {
            if let Some(way_back) = way(&graph, imported, module) {
                let sentence = format!(
                    "`{module}` imports `{imported}`, which leads back: {module} → {}.",
                    way_back.join(" → ")
                );
                found.push(Violation::new(path, *line, sentence));
            }
        }
    }
    found
}

fn graph(source: &str, files: &[(&SourceFile, Code)]) -> Graph {
    let members: Vec<(Vec<String>, &SourceFile, &Code)> = files
        .iter()
        .filter(|(file, _)| !file.is_test())
        .filter_map(|(file, code)| Some((module_of(source, &file.path)?, *file, code)))
        .collect();
    let modules: BTreeSet<&str> = members
        .iter()
        .filter_map(|(module, ..)| Some(module.first()?.as_str()))
        .collect();
    let exported = exports(&members, &modules);
    let mut graph = Graph::new();
    for (module, file, code) in &members {
        let Some(top) = module.first() else {
            continue;
        };
        for path in code.paths.iter().filter(|path| !path.in_test) {
            let Some(name) = crate_level_name(module, path) else {
                continue;
            };
            let imported = modules.get(name.as_str()).copied();
            let imported = imported.or_else(|| exported.get(&name).map(String::as_str));
            if let Some(imported) = imported.filter(|imported| imported != top) {
                let imports = graph.entry(top.clone()).or_default();
                let place = (file.path.clone(), path.line);
                imports.entry(imported.to_owned()).or_insert(place);
            }
        }
    }
    graph
}

/// `src/a/b.rs` is the module `a::b`; the root has no name.
fn module_of(source: &str, path: &str) -> Option<Vec<String>> {
    let path = path
        .strip_prefix(source)?
        .strip_prefix('/')?
        .strip_suffix(".rs")?;
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if matches!(path, "lib" | "main") || path.starts_with("bin/") {
        return Some(Vec::new());
    }
    Some(path.split('/').map(str::to_owned).collect())
}

/// What the root exports again: the name, and the module that it comes from.
fn exports(
    members: &[(Vec<String>, &SourceFile, &Code)],
    modules: &BTreeSet<&str>,
) -> BTreeMap<String, String> {
    let root = members.iter().filter(|(module, ..)| module.is_empty());
    let paths = root.flat_map(|(_, _, code)| &code.paths);
    paths
        .filter_map(|path| {
            let relative = ["crate", "self"].contains(&path.root());
            let module = path.segments.get(usize::from(relative))?;
            let name = path.segments.last().filter(|name| *name != module)?;
            modules
                .contains(module.as_str())
                .then(|| (name.clone(), module.clone()))
        })
        .collect()
}

/// The name that a path has at the top of the crate, when it leads there.
fn crate_level_name(module: &[String], path: &NamedPath) -> Option<String> {
    if path.root() == "crate" {
        return path.segments.get(1).cloned();
    }
    let here: Vec<&String> = module.iter().chain(&path.inside).collect();
    let segments = path.segments.iter().skip_while(|name| *name == "self");
    let ups = segments.clone().take_while(|name| *name == "super").count();
    (ups > 0 && ups == here.len()).then(|| segments.clone().nth(ups).cloned())?
}

/// The shortest way from one module to another.
fn way(graph: &Graph, from: &str, to: &str) -> Option<Vec<String>> {
    let mut queue = VecDeque::from([vec![from.to_owned()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = queue.pop_front() {
        let last = way.last()?.clone();
        if last == to {
            return Some(way);
        }
        if !seen.insert(last.clone()) {
            continue;
        }
        for next in graph.get(&last).into_iter().flat_map(BTreeMap::keys) {
            queue.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    fn complaints(files: &[(&str, &str)]) -> Vec<String> {
        let tree = Tree::of(files);
        let parsed = tree.parse(&mut Vec::new());
        check("a/src", &parsed)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn one_direction_is_fine() {
        let found = complaints(&[
            (
                "a/src/lib.rs",
                "mod http; mod accounts; use http::router; use accounts::link;",
            ),
            (
                "a/src/http/one.rs",
                "use crate::accounts::link; use super::two::X;",
            ),
            ("a/src/http/two.rs", "use super::one::Y;"),
            ("a/src/accounts.rs", "use self::inner::Z;"),
        ]);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn a_cycle_is_shown_from_both_ends() {
        let found = complaints(&[
            ("a/src/x.rs", "//! X.\nuse crate::y::Y;"),
            ("a/src/y/deep.rs", "fn f() { super::super::x::g() }"),
        ]);
        assert_eq!(
            found,
            [
                "a/src/x.rs:2: `x` imports `y`, which leads back: x → y → x.",
                "a/src/y/deep.rs:1: `y` imports `x`, which leads back: y → x → y.",
            ]
        );
    }

    #[test]
    fn a_long_cycle_is_found() {
        let found = complaints(&[
            ("a/src/x.rs", "use crate::y::Y;"),
            ("a/src/y.rs", "mod inner { use super::super::z::Z; }"),
            ("a/src/z.rs", "use crate::x::X;"),
        ]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].ends_with("x → y → z → x."), "{found:?}");
    }

    #[test]
    fn what_the_root_exports_again_counts_as_its_module() {
        let found = complaints(&[
            (
                "a/src/lib.rs",
                "mod x; mod y; pub use x::Error; pub use crate::y::Y;",
            ),
            ("a/src/x.rs", "use crate::Y;"),
            ("a/src/y.rs", "use crate::Error;"),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn tests_and_other_crates_do_not_count() {
        let found = complaints(&[
            ("a/src/x.rs", "use crate::y::Y;"),
            ("a/src/y.rs", "#[cfg(test)] mod tests { use crate::x::X; }"),
            ("a/src/y/tests.rs", "use crate::x::X;"),
            ("b/src/y.rs", "use crate::x::X;"),
        ]);
        assert_eq!(found, [""; 0]);
    }
}
