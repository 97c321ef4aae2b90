//! `cargo xtask ci`: what must be green before a change is merged.

use anyhow::Result;

use crate::process::{cargo, run};
use crate::terminal::note;
use crate::toolchain::{WASM, ensure_wasm_target};
use crate::workspace::Workspace;
use crate::{supply, test, tidy};

/// Checks format, lints, invariants and what it is built from, and then runs every test.
pub(crate) fn command(workspace: &Workspace) -> Result<()> {
    ensure_wasm_target(workspace)?;
    let check = |title: &str, arguments: &[&str]| {
        note(title);
        run(cargo(workspace.root()).args(arguments))
    };
    check("checking the format", &["fmt", "--all", "--check"])?;
    let deny_warnings = ["--", "-D", "warnings"];
    let native = ["clippy", "--locked", "--workspace", "--all-targets"];
    check("linting", &[&native[..], &deny_warnings].concat())?;
    let wasm = [
        "clippy",
        "--locked",
        "-p",
        "mono-connect-web",
        "-p",
        "mono-connect-shared",
        "--target",
        WASM,
    ];
    check(
        "linting for the browser",
        &[&wasm[..], &deny_warnings].concat(),
    )?;
    let wasm_tests = [
        "clippy",
        "--locked",
        "-p",
        "mono-connect-web",
        "--tests",
        "--target",
        WASM,
    ];
    check(
        "linting the browser's tests",
        &[&wasm_tests[..], &deny_warnings].concat(),
    )?;
    note("checking the invariants");
    tidy::command(workspace)?;
    supply::command(workspace)?;
    test::command(workspace, &test::Options::default())
}
