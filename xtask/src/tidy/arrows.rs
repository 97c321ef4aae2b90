//! Arrows between packages: who of ours may depend on whom.

use std::path::Path;

use super::Violation;
use super::tree::{SourceFile, Tree, with_slashes};
use crate::workspace::Package;

/// What a package may depend on, of ours.
struct Arrows {
    package: &'static str,
    anywhere: &'static [&'static str],
    /// In its tests besides.
    in_tests: &'static [&'static str],
}

const ARROWS: &[Arrows] = &[
    Arrows {
        package: "mono-connect-shared",
        anywhere: &[],
        in_tests: &[],
    },
    Arrows {
        package: "mono-client",
        anywhere: &[],
        in_tests: &["mono-simulator"],
    },
    Arrows {
        package: "mono-simulator",
        anywhere: &[],
        in_tests: &[],
    },
    Arrows {
        package: "mono-connect-store",
        anywhere: &["mono-connect-shared"],
        in_tests: &["mono-test-postgres"],
    },
    Arrows {
        package: "mono-test-postgres",
        anywhere: &[],
        in_tests: &[],
    },
    Arrows {
        package: "mono-bench",
        anywhere: &[],
        in_tests: &[],
    },
    Arrows {
        package: "mono-connect-web",
        anywhere: &["mono-connect-shared"],
        in_tests: &[],
    },
    Arrows {
        package: "mono-connect-proxy",
        anywhere: &["mono-connect-shared", "mono-client", "mono-connect-store"],
        in_tests: &["mono-simulator", "mono-test-postgres"],
    },
    Arrows {
        package: "mono-connect-tests",
        anywhere: &[
            "mono-connect-shared",
            "mono-client",
            "mono-connect-store",
            "mono-connect-proxy",
            "mono-simulator",
            "mono-test-postgres",
        ],
        in_tests: &[],
    },
    Arrows {
        package: "mono-fuzz",
        anywhere: &[
            "mono-connect-shared",
            "mono-client",
            "mono-connect-store",
            "mono-connect-proxy",
        ],
        in_tests: &[],
    },
    Arrows {
        package: "xtask",
        anywhere: &[],
        in_tests: &[],
    },
];

/// Checks the manifests.
pub(crate) fn check(packages: &[Package], root: &Path, tree: &Tree) -> Vec<Violation> {
    packages
        .iter()
        .flat_map(|package| check_package(package, root, tree))
        .collect()
}

fn check_package(package: &Package, root: &Path, tree: &Tree) -> Vec<Violation> {
    let manifest = package
        .manifest_path
        .strip_prefix(root)
        .unwrap_or(&package.manifest_path);
    let manifest = with_slashes(manifest);
    let Some(arrows) = ARROWS.iter().find(|arrows| arrows.package == package.name) else {
        let sentence = format!(
            "`{}` is new: say in tidy what of ours it may depend on.",
            package.name
        );
        return vec![Violation::new(&manifest, 1, sentence)];
    };
    let ours = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.path.is_some());
    ours.filter(|dependency| {
        let name = dependency.name.as_str();
        let in_tests = dependency.kind.as_deref() == Some("dev");
        !(arrows.anywhere.contains(&name) || in_tests && arrows.in_tests.contains(&name))
    })
    .map(|dependency| {
        let line = line_of(tree, &manifest, &dependency.name);
        let sentence = format!(
            "`{}` may not depend on `{}`.",
            package.name, dependency.name
        );
        Violation::new(&manifest, line, sentence)
    })
    .collect()
}

fn line_of(tree: &Tree, manifest: &str, dependency: &str) -> usize {
    let has_path = |file: &&SourceFile| file.path == manifest;
    let text = tree
        .files()
        .iter()
        .find(has_path)
        .map_or("", |file| &file.text);
    1 + text
        .lines()
        .position(|line| line.trim_start().starts_with(dependency))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    const MANIFEST: &str = "[package]\n\n[dependencies]\nserde.workspace = true\n\
                            mono-connect-proxy.workspace = true\n";

    fn complaints(package: &str, dependency: &str, kind: Option<&str>) -> Vec<String> {
        let ours = dependency.starts_with("mono") || dependency == "xtask";
        let package = Package {
            name: package.to_owned(),
            manifest_path: "/checkout/a/Cargo.toml".into(),
            dependencies: vec![Dependency {
                name: dependency.to_owned(),
                kind: kind.map(str::to_owned),
                path: ours.then(|| "/checkout/b".into()),
            }],
            targets: Vec::new(),
        };
        let tree = Tree::of(&[("a/Cargo.toml", MANIFEST)]);
        check(&[package], Path::new("/checkout"), &tree)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_arrows_of_the_design_are_fine() {
        for (package, dependency) in [
            ("mono-connect-proxy", "mono-client"),
            ("mono-connect-store", "mono-connect-shared"),
            ("mono-connect-web", "mono-connect-shared"),
            ("mono-connect-shared", "serde"),
            ("mono-connect-tests", "mono-simulator"),
        ] {
            assert_eq!(complaints(package, dependency, None), [""; 0]);
        }
    }

    #[test]
    fn others_are_shown_where_the_manifest_says_so() {
        assert_eq!(
            complaints("mono-connect-shared", "mono-connect-proxy", None),
            ["a/Cargo.toml:5: `mono-connect-shared` may not depend on `mono-connect-proxy`."]
        );
        assert_eq!(
            complaints("mono-client", "mono-connect-shared", None).len(),
            1
        );
        assert_eq!(
            complaints("mono-simulator", "mono-client", Some("dev")).len(),
            1
        );
        assert_eq!(
            complaints("mono-connect-web", "mono-client", Some("build")).len(),
            1
        );
    }

    #[test]
    fn the_client_meets_the_simulator_in_tests_only() {
        assert_eq!(
            complaints("mono-client", "mono-simulator", Some("dev")),
            [""; 0]
        );
        assert_eq!(complaints("mono-client", "mono-simulator", None).len(), 1);
    }

    #[test]
    fn a_package_without_a_rule_is_shown() {
        assert_eq!(complaints("mono-new", "serde", None).len(), 1);
    }
}
