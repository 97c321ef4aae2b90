//! The part `integration`: the proxy's HTTP API against the simulator, by `mono-connect-tests`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::outcome::Outcome;
use super::runner::libtest;
use super::{Part, Session, postgres};
use crate::process::{capture, cargo};
use crate::workspace::{Package, Workspace};

pub(crate) const PART: Part = Part {
    name: "integration",
    run,
};

/// The package of these tests.
pub(crate) const PACKAGE: &str = "mono-connect-tests";

/// What cargo says about each thing that it has built; the rest of its messages are left out.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: Option<PathBuf>,
    executable: Option<PathBuf>,
}

fn run(session: &Session<'_>) -> Result<Outcome> {
    run_with(session, &["--skip", postgres::MARK], &[])
}

/// Runs the programs of the package with these arguments and variables.
pub(crate) fn run_with(
    session: &Session<'_>,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<Outcome> {
    let packages = session.workspace.packages();
    let package = packages.iter().find(|package| package.name == PACKAGE);
    let package = package.with_context(|| format!("there is no package {PACKAGE}"))?;
    let folder = package
        .manifest_path
        .parent()
        .context("a manifest lies in a folder")?;
    let mut outcome = Outcome::default();
    for executable in build(session.workspace, package)? {
        // As cargo would run it.
        let mut command = Command::new(executable);
        outcome.add(libtest(
            command
                .args(arguments)
                .current_dir(folder)
                .envs(variables.iter().copied())
                .env("CARGO_MANIFEST_DIR", folder),
        )?);
    }
    Ok(outcome)
}

/// Builds the tests and returns the programs.
///
/// `cargo test --package` would be shorter, but for one package cargo chooses other features of
/// the dependencies than for all, and compiles half of the server once more after the part `rust`.
fn build(workspace: &Workspace, package: &Package) -> Result<Vec<PathBuf>> {
    let names = test_targets(package);
    let mut command = cargo(workspace.root());
    command.args(["test", "--locked", "--workspace", "--exclude", "xtask"]);
    command.args(["--no-run", "--message-format", "json-render-diagnostics"]);
    let messages = capture(command.args(names.iter().flat_map(|name| ["--test", *name])))?;
    let found = executables(&messages, &package.manifest_path)?;
    if found.len() != names.len() {
        bail!(
            "cargo built {} of the {} tests of {PACKAGE}",
            found.len(),
            names.len()
        );
    }
    Ok(found)
}

fn test_targets(package: &Package) -> Vec<&str> {
    let is_test = |kinds: &[String]| kinds.iter().any(|kind| kind == "test");
    let tests = package
        .targets
        .iter()
        .filter(|target| is_test(&target.kind));
    tests.map(|target| target.name.as_str()).collect()
}

/// The programs of the package with this manifest; others have tests of the same name.
fn executables(messages: &str, manifest: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for message in messages.lines() {
        let artifact: Artifact =
            serde_json::from_str(message).context("reading a message of cargo")?;
        if artifact.manifest_path.as_deref() == Some(manifest) {
            found.extend(artifact.executable);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Target;

    #[test]
    fn only_test_targets_are_named() {
        let target = |(name, kind): (&str, &str)| Target {
            name: name.to_owned(),
            kind: vec![kind.to_owned()],
        };
        let package = Package {
            name: PACKAGE.to_owned(),
            manifest_path: "Cargo.toml".into(),
            dependencies: Vec::new(),
            targets: [("harness", "lib"), ("it", "test"), ("more", "test")]
                .map(target)
                .to_vec(),
        };
        assert_eq!(test_targets(&package), ["it", "more"]);
    }

    #[test]
    fn programs_of_other_packages_are_left_out() {
        let messages = r#"{"reason":"compiler-artifact","manifest_path":"/a/proxy/Cargo.toml","executable":"/t/it-1"}
{"reason":"compiler-artifact","manifest_path":"/a/tests/Cargo.toml","executable":null}
{"reason":"compiler-artifact","manifest_path":"/a/tests/Cargo.toml","executable":"/t/it-2"}
{"reason":"build-finished","success":true}"#;
        let found = executables(messages, Path::new("/a/tests/Cargo.toml")).unwrap();
        assert_eq!(found, [Path::new("/t/it-2")]);
    }
}
