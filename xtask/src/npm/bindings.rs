//! From compiled wasm to what a browser loads: the glue and the types, by wasm-bindgen.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

/// The wasm file that the package ships.
pub(crate) const WASM_FILE: &str = "mono_connect_bg.wasm";
/// The glue beside it.
pub(crate) const GLUE_FILE: &str = "mono_connect.js";
/// The types of the glue.
pub(crate) const TYPES_FILE: &str = "mono_connect.d.ts";
/// The types of the wasm itself.
pub(crate) const WASM_TYPES_FILE: &str = "mono_connect_bg.wasm.d.ts";

/// Writes glue, wasm and types into `dist`.
///
/// The `web` target is the one that works everywhere: bundlers understand its
/// `new URL(.., import.meta.url)`, a plain page needs no bundler, and node can hand in the bytes.
pub(crate) fn generate(compiled: &Path, dist: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name("mono_connect")
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(dist))
        .with_context(|| format!("wasm-bindgen over {}", compiled.display()))
}
