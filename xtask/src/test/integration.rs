//! The part `integration`: the proxy's HTTP API against the simulator, by `mono-connect-tests`.

use anyhow::{Result, bail};

use super::outcome::Outcome;
use super::runner::libtest;
use super::{Part, Session};
use crate::process::cargo;
use crate::workspace::Package;

pub(crate) const PART: Part = Part {
    name: "integration",
    run,
};

const PACKAGE: &str = "mono-connect-tests";

fn run(session: &Session<'_>) -> Result<Outcome> {
    let names = test_targets(session.workspace.packages());
    if names.is_empty() {
        bail!("the package {PACKAGE} has no test target");
    }
    // The package is not named by `--package`: cargo would then choose other features for its
    // dependencies than for the part `rust`, and compile half of the server once more.
    let mut command = cargo(session.workspace.root());
    command.args([
        "test",
        "--workspace",
        "--exclude",
        "xtask",
        "--no-fail-fast",
    ]);
    libtest(command.args(names.iter().flat_map(|name| ["--test", *name])))
}

fn test_targets(packages: &[Package]) -> Vec<&str> {
    let package = packages.iter().filter(|package| package.name == PACKAGE);
    let targets = package.flat_map(|package| &package.targets);
    let tests = targets.filter(|target| target.kind.iter().any(|kind| kind == "test"));
    tests.map(|target| target.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Target;

    fn package(name: &str, targets: &[(&str, &str)]) -> Package {
        let target = |(name, kind): &(&str, &str)| Target {
            name: (*name).to_owned(),
            kind: vec![(*kind).to_owned()],
        };
        Package {
            name: name.to_owned(),
            manifest_path: "Cargo.toml".into(),
            dependencies: Vec::new(),
            targets: targets.iter().map(target).collect(),
        }
    }

    #[test]
    fn every_test_target_of_the_package_and_of_no_other_is_run() {
        let packages = [
            package(
                "mono-client",
                &[("mono_client", "lib"), ("upstream", "test")],
            ),
            package(
                PACKAGE,
                &[("harness", "lib"), ("it", "test"), ("more", "test")],
            ),
        ];
        assert_eq!(test_targets(&packages), ["it", "more"]);
    }
}
