//! The part `wasm`: the browser module's tests inside a real browser.

mod turnstile;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::chromium::{chromedriver, chromium};
use super::outcome::Outcome;
use super::runner::libtest;
use super::{Part, Session};
use crate::process::{cargo, run as run_program};
use crate::terminal::note;
use crate::toolchain::{WASM, ensure_wasm_target};
use crate::workspace::Workspace;

pub(crate) const PART: Part = Part { name: "wasm", run };

fn run(session: &Session<'_>) -> Result<Outcome> {
    let workspace = session.workspace;
    ensure_wasm_target(workspace)?;
    let browser = chromium(&session.debian)?;
    let driver = chromedriver(&session.debian)?;
    let runner = build_runner(workspace)?;
    let capabilities = write_capabilities(workspace, &browser, turnstile::start()?)?;
    libtest(
        cargo(workspace.root())
            // Only the integration tests of `web/tests/` are for the browser; its unit tests are
            // native and belong to the part `rust`.
            .args([
                "test",
                "--locked",
                "--package",
                "mono-connect-web",
                "--target",
                WASM,
                "--test",
                "*",
            ])
            .arg("--no-fail-fast")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
            .env("CHROMEDRIVER", driver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities)
            // The runner's own limits, 5 and 20 seconds, are too tight for a busy machine.
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
            .env("WASM_BINDGEN_TEST_TIMEOUT", "180"),
    )
}

/// The runner that cargo hands the compiled tests to; see the feature in our manifest.
fn build_runner(workspace: &Workspace) -> Result<PathBuf> {
    note("building the runner for wasm tests");
    run_program(cargo(workspace.root()).args([
        "build",
        "--locked",
        "--package",
        "xtask",
        "--profile",
        "xtask",
        "--features",
        "wasm-runner",
        "--bin",
        "wasm-runner",
    ]))?;
    let folder = workspace.target("xtask");
    Ok(folder
        .join("wasm-runner")
        .with_extension(std::env::consts::EXE_EXTENSION))
}

/// Makes the driver start the browser that was found, and not one that it finds by itself, and the
/// browser use this proxy.
fn write_capabilities(workspace: &Workspace, browser: &Path, proxy: SocketAddr) -> Result<PathBuf> {
    let folder = workspace.target("test");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let file = folder.join("webdriver.json");
    let capabilities = json!({
        "goog:chromeOptions": {
            "binary": browser,
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                format!("--proxy-server=http://{proxy}"),
                // It would not use it for this machine otherwise.
                "--proxy-bypass-list=<-loopback>",
            ],
        }
    });
    fs::write(&file, capabilities.to_string())
        .with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}
