//! How big the package may become: `web/npm/size-budget.json`, checked whenever it is built.

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::sizes::Sizes;
use crate::terminal::note;
use crate::workspace::Workspace;

const FILE: &str = "web/npm/size-budget.json";

/// Bytes after brotli, wasm and glue together.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// More than this is an error.
    limit: u64,
    /// Where it should come to.
    goal: u64,
}

/// Fails when the built package is too big.
pub(crate) fn check(workspace: &Workspace, sizes: &Sizes) -> Result<()> {
    let file = workspace.path(FILE);
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let budget = serde_json::from_str(&text).with_context(|| format!("reading {FILE}"))?;
    let [_, _, brotli] = sizes.sum();
    note(&judge(&budget, brotli)?);
    Ok(())
}

fn judge(Budget { limit, goal }: &Budget, brotli: u64) -> Result<String> {
    if brotli > *limit {
        bail!("the package is {brotli} bytes after brotli, and {FILE} allows {limit}");
    }
    Ok(format!(
        "{brotli} bytes after brotli: {} below the limit, goal {goal}",
        limit - brotli
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_the_limit_is_fine_and_a_byte_more_is_not() {
        let budget = Budget {
            limit: 100,
            goal: 50,
        };
        assert!(judge(&budget, 100).unwrap().contains("0 below"));
        let error = judge(&budget, 101).unwrap_err().to_string();
        assert!(error.contains("101") && error.contains(FILE), "{error}");
    }
}
