//! The generated types without what is no use to a page: the raw exports of the wasm.
//!
//! They are full of `any`, and `index.js` is what loads the module.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::bindings::{TYPES_FILE, WASM_TYPES_FILE};

/// Where wasm-bindgen begins to declare how the module is loaded.
const LOADING: &str = "export type InitInput =";

/// What of it `index.js` uses.
const START: &str = "\
/** Internal: `init()` of this package calls it. */
export default function start(options: { module_or_path: unknown }): Promise<unknown>;
";

/// The members that wasm-bindgen adds to a class without a word about them.
const FREEING: &str = "    free(): void;\n    [Symbol.dispose](): void;\n";

/// The same with a word.
const FREEING_EXPLAINED: &str = "    /**
     * Removes everything that this instance holds: its widget, and its subscriptions. May be called
     * again. Methods that are called later fail with `aborted`.
     */
    free(): void;
    /** The same as `free()`: `using mono = await MonoConnect.create()`. */
    [Symbol.dispose](): void;
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
    if !public.contains(FREEING) {
        bail!("wasm-bindgen's types do not have `free()` where it was");
    }
    let public = public.replace(FREEING, FREEING_EXPLAINED);
    Ok([&public, START].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_stay_and_raw_exports_go() {
        let generated = [
            "export class A {\n",
            FREEING,
            "}\n\nexport type InitInput = URL;\nexport interface InitOutput { a: any }\n",
        ]
        .concat();
        let types = trimmed(&generated).unwrap();
        assert!(types.starts_with("export class A {\n    /**"), "{types}");
        assert!(types.contains("    free(): void;\n    /**"), "{types}");
        assert!(types.ends_with(START), "{types}");
        assert!(!types.contains("any"), "{types}");
    }

    #[test]
    fn other_types_than_expected_are_an_error() {
        trimmed("export class A {}").unwrap_err();
        trimmed("export class A {}\nexport type InitInput = URL;\n").unwrap_err();
    }
}
