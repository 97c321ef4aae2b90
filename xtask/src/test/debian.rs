//! Installs packages on Debian, as root; anywhere else it says that it cannot.

use std::cell::Cell;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{capture, find_program, run};
use crate::terminal::note;

/// The machine's package manager.
#[derive(Debug, Default)]
pub(crate) struct Debian {
    /// The lists are fetched once per call: on a fresh machine there are none.
    updated: Cell<bool>,
}

impl Debian {
    /// Where a program is, once this package with it is installed.
    pub(crate) fn program(&self, name: &str, package: &str) -> Result<PathBuf> {
        if let Some(path) = find_program(name) {
            return Ok(path);
        }
        self.install(package)
            .with_context(|| format!("{name} is missing: install it so that it is on PATH"))?;
        find_program(name)
            .with_context(|| format!("Debian's {package} is installed, but {name} not on PATH"))
    }

    /// Installs one package.
    pub(crate) fn install(&self, package: &str) -> Result<()> {
        let Some(apt) = find_program("apt-get") else {
            bail!("there is no apt-get to install {package} with");
        };
        if !is_root()? {
            bail!("only root can install {package} with apt-get");
        }
        let apt = || {
            let mut command = Command::new(&apt);
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        };
        if !self.updated.replace(true) {
            run(apt().args(["update", "--quiet"]))?;
        }
        note(&format!("installing {package}"));
        run(apt().args([
            "install",
            "--yes",
            "--quiet",
            "--no-install-recommends",
            package,
        ]))
    }
}

fn is_root() -> Result<bool> {
    Ok(capture(Command::new("id").arg("-u"))?.trim() == "0")
}
