//! `cargo xtask fuzz`: lets libFuzzer look for input that breaks something, one target after the other.
//!
//! The same targets run in the tests, on the committed corpus, spoilt a fixed number of times.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::process::run;
use crate::terminal::{note, say};
use crate::tools::{Tool, from_crates_io};
use crate::workspace::{Package, Workspace};

const FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.2",
};

/// The package of the targets.
const PACKAGE: &str = "mono-fuzz";

/// What Mono is known to say is committed for the client's tests.
const SAMPLES_OF_MONO: &str = "proxy/mono/tests/fixtures";

/// What to look at, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only this target (webhook, answer, login, query, body, `last_event_id`, ids)
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// How long each target runs
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
}

/// Runs the targets; fails at the first input that breaks something, and says where it lies.
pub(crate) fn command(workspace: &Workspace, options: &Options) -> Result<()> {
    let targets = targets(workspace.packages())?;
    let chosen: Vec<_> = match &options.target {
        None => targets,
        Some(name) if targets.contains(name) => vec![name.clone()],
        Some(name) => bail!(
            "there is no target `{name}`; there are: {}",
            targets.join(", ")
        ),
    };
    let fuzz = from_crates_io(workspace, &FUZZ)?;
    for target in chosen {
        note(&format!("fuzzing {target} for {} s", options.seconds));
        // What is found is written to the first folder; the others are read.
        let found = workspace.target("fuzz").join("corpus").join(&target);
        let broken = workspace.target("fuzz").join("artifacts").join(&target);
        for folder in [&found, &broken] {
            fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        let mut command = Command::new(&fuzz);
        command
            .current_dir(workspace.root())
            // The sanitizers are part of every toolchain, behind a switch.
            .env("RUSTC_BOOTSTRAP", "1")
            // Ready in minutes.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
            .args(["run", &target, "--features", "libfuzzer", "--fuzz-dir"])
            .arg(workspace.path("tests/fuzz"))
            .arg("--target-dir")
            .arg(workspace.target("fuzz").join("build"))
            .arg(&found)
            .arg(workspace.path("tests/fuzz/corpus").join(&target));
        if matches!(target.as_str(), "webhook" | "answer") {
            command.arg(workspace.path(SAMPLES_OF_MONO));
        }
        command.args(["--", "-rss_limit_mb=2048", "-timeout=10", "-max_len=4096"]);
        command.arg(format!("-max_total_time={}", options.seconds));
        let artifacts = format!("-artifact_prefix={}/", broken.display());
        run(command.arg(artifacts))?;
    }
    say("nothing broke");
    Ok(())
}

/// The targets are the programs of their package.
fn targets(packages: &[Package]) -> Result<Vec<String>> {
    let package = packages.iter().find(|package| package.name == PACKAGE);
    let package = package.with_context(|| format!("there is no package {PACKAGE}"))?;
    let programs = package.targets.iter();
    let programs = programs.filter(|target| target.kind.iter().any(|kind| kind == "bin"));
    Ok(programs.map(|target| target.name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Alone {
        #[command(flatten)]
        _options: Options,
    }

    #[test]
    fn the_help_names_every_target() {
        let workspace = Workspace::locate().unwrap();
        let targets = targets(workspace.packages()).unwrap();
        assert_eq!(targets.len(), 7);
        let help = Alone::command().render_help().to_string();
        for target in targets {
            assert!(help.contains(&target), "{target} is missing in: {help}");
            let corpus = workspace.path("tests/fuzz/corpus").join(&target);
            assert!(corpus.is_dir(), "{target} has a corpus");
        }
    }
}
