//! `cargo xtask test`: every test of the project, in parts.
//!
//! A part that cannot run, or that finds no test to run, has failed. Nothing passes by being
//! absent. To add a part, write a file beside the others and name it in [`PARTS`].

mod browser;
mod chromium;
pub(crate) mod cluster;
pub(crate) mod debian;
mod image;
mod integration;
mod outcome;
mod packaging;
mod postgres;
mod runner;
mod rust;
mod wasm;

use anyhow::{Result, bail};
use clap::Args;

use self::debian::Debian;
use self::outcome::{Outcome, summary};
use crate::terminal::{note, say};
use crate::workspace::Workspace;

/// Every part, in the order in which they run: what fails fastest comes first.
const PARTS: &[Part] = &[
    rust::PART,
    integration::PART,
    postgres::PART,
    wasm::PART,
    browser::PART,
    packaging::PART,
    image::PART,
];

/// A group of tests with one runner.
struct Part {
    name: &'static str,
    run: fn(&Session<'_>) -> Result<Outcome>,
}

/// What the parts of one call share.
struct Session<'call> {
    workspace: &'call Workspace,
    debian: Debian,
}

/// Which parts to run.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Run only this part (rust, integration, postgres, wasm, browser, packaging, image); may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Leave this part out; may be given several times
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,
}

/// Runs the parts, prints what came of each, and fails when one of them did.
pub(crate) fn command(workspace: &Workspace, options: &Options) -> Result<()> {
    let parts = select(PARTS, options)?;
    let session = Session {
        workspace,
        debian: Debian::default(),
    };
    let outcomes: Vec<(&str, Outcome)> = parts
        .into_iter()
        .map(|part| {
            note(&format!("testing: {}", part.name));
            let outcome = (part.run)(&session).unwrap_or_else(|error| Outcome::broken(&error));
            (part.name, outcome.judged())
        })
        .collect();
    say(&summary(&outcomes));
    if outcomes.iter().all(|(_, outcome)| outcome.failed == 0) {
        return Ok(());
    }
    bail!("not all tests passed")
}

fn select<'parts>(parts: &'parts [Part], options: &Options) -> Result<Vec<&'parts Part>> {
    let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
    for name in options.only.iter().chain(&options.without) {
        if !names.contains(&name.as_str()) {
            bail!(
                "there is no part `{name}`; the parts are: {}",
                names.join(", ")
            );
        }
    }
    let listed = |list: &[String], part: &Part| list.iter().any(|name| name == part.name);
    let selected: Vec<&Part> = parts
        .iter()
        .filter(|part| options.only.is_empty() || listed(&options.only, part))
        .filter(|part| !listed(&options.without, part))
        .collect();
    if selected.is_empty() {
        bail!(
            "these options leave no part to run; the parts are: {}",
            names.join(", ")
        );
    }
    Ok(selected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(only: &[&str], without: &[&str]) -> Result<Vec<&'static str>> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let options = Options {
            only: owned(only),
            without: owned(without),
        };
        Ok(select(PARTS, &options)?
            .into_iter()
            .map(|part| part.name)
            .collect())
    }

    #[test]
    fn everything_runs_unless_told_otherwise() {
        assert_eq!(
            chosen(&[], &[]).unwrap(),
            [
                "rust",
                "integration",
                "postgres",
                "wasm",
                "browser",
                "packaging",
                "image"
            ]
        );
        assert_eq!(chosen(&["wasm"], &[]).unwrap(), ["wasm"]);
        assert_eq!(
            chosen(&["browser", "rust"], &[]).unwrap(),
            ["rust", "browser"]
        );
        assert_eq!(
            chosen(&[], &["browser", "wasm"]).unwrap(),
            ["rust", "integration", "postgres", "packaging", "image"]
        );
    }

    #[test]
    fn an_unknown_part_is_an_error_that_lists_the_parts() {
        for (only, without) in [(["wsam"].as_slice(), [].as_slice()), (&[], &["wsam"])] {
            let error = chosen(only, without).unwrap_err().to_string();
            assert!(error.contains("`wsam`"), "{error}");
            assert!(
                error.contains("rust, integration, postgres, wasm, browser, packaging, image"),
                "{error}"
            );
        }
    }

    #[test]
    fn running_nothing_is_an_error() {
        chosen(&["rust"], &["rust"]).unwrap_err();
    }

    #[test]
    fn the_help_names_every_part() {
        use clap::CommandFactory as _;

        #[derive(clap::Parser)]
        struct Alone {
            #[command(flatten)]
            _options: Options,
        }
        let help = Alone::command().render_help().to_string();
        for part in PARTS {
            assert!(
                help.contains(part.name),
                "{} is missing in: {help}",
                part.name
            );
        }
    }
}
