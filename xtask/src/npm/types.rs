//! The generated types without what is no use to a page: the raw exports of the wasm.
//!
//! They are full of `any`, and `index.js` is what loads the module.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::bindings::{TYPES_FILE, WASM_TYPES_FILE};

/// Where wasm-bindgen begins to declare how the module is loaded.
const LOADING: &str = "export type InitInput =";

/// What of it `index.js` uses.
const START: &str = "\
/** Internal: `init()` of this package calls it. */
export default function start(options: { module_or_path: unknown }): Promise<unknown>;
";

/// Cuts the types in `dist` down to what the package promises.
pub(crate) fn trim(dist: &Path) -> Result<()> {
    let types = dist.join(TYPES_FILE);
    let generated =
        fs::read_to_string(&types).with_context(|| format!("reading {}", types.display()))?;
    fs::write(&types, trimmed(&generated)?)
        .with_context(|| format!("writing {}", types.display()))?;
    let raw = dist.join(WASM_TYPES_FILE);
    fs::remove_file(&raw).with_context(|| format!("removing {}", raw.display()))
}

fn trimmed(generated: &str) -> Result<String> {
    let (public, _loading) = generated
        .split_once(LOADING)
        .with_context(|| format!("wasm-bindgen's types have no `{LOADING}` any more"))?;
    Ok([public, START].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_stay_and_raw_exports_go() {
        let generated = "export class A {}\n\nexport type InitInput = URL;\n\
            export interface InitOutput { a: any }\n";
        let types = trimmed(generated).unwrap();
        assert!(types.starts_with("export class A {}\n\n"), "{types}");
        assert!(types.ends_with(START), "{types}");
        assert!(!types.contains("any"), "{types}");
    }

    #[test]
    fn other_types_than_expected_are_an_error() {
        trimmed("export class A {}").unwrap_err();
    }
}
