//! The runner that cargo hands a compiled wasm test to: wasm-bindgen's own, taken as a library.
//!
//! It adds nothing. It exists so that the runner's version is pinned in `Cargo.lock` beside
//! `wasm-bindgen` itself, and so that nobody has to install it.

use std::env::args_os;

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(args_os())
}
