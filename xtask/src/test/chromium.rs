//! Where Chromium and its driver are, or how they get here.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::debian::Debian;
use crate::environment::variable;
use crate::process::find_program;

const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
];
const DRIVERS: &[&str] = &["chromedriver"];

/// The browser: `CHROMIUM_BIN`, else one on PATH, else Debian's.
pub(crate) fn chromium(debian: &Debian) -> Result<PathBuf> {
    locate("Chromium", "CHROMIUM_BIN", BROWSERS, "chromium", debian)
}

/// The driver that tests of wasm steer it with: `CHROMEDRIVER`, else on PATH, else Debian's.
pub(crate) fn chromedriver(debian: &Debian) -> Result<PathBuf> {
    locate(
        "chromedriver",
        "CHROMEDRIVER",
        DRIVERS,
        "chromium-driver",
        debian,
    )
}

fn locate(
    title: &str,
    named_by: &str,
    programs: &[&str],
    package: &str,
    debian: &Debian,
) -> Result<PathBuf> {
    if let Some(path) = variable(named_by) {
        return Ok(path.into());
    }
    let found = || programs.iter().find_map(|program| find_program(program));
    if let Some(path) = found() {
        return Ok(path);
    }
    debian.install(package).with_context(|| {
        format!("{title} is missing: install it so that it is on PATH, or name it in {named_by}")
    })?;
    found().with_context(|| format!("Debian's {package} is installed, but {title} not on PATH"))
}
