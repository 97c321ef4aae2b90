//! How many bytes a page pays for the package: raw, gzip and brotli.
//!
//! Node compresses, because it is there anyway and has both.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use super::bindings::{GLUE_FILE, WASM_FILE};
use crate::process::{capture, node};
use crate::workspace::Workspace;

const MEASURE: &str = r"
const { readFileSync } = require('node:fs');
const { gzipSync, brotliCompressSync } = require('node:zlib');
for (const path of process.argv.slice(1)) {
  const bytes = readFileSync(path);
  console.log(bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length);
}";

/// A table with one line per file and a sum.
pub(crate) fn table(workspace: &Workspace) -> Result<String> {
    let names = [WASM_FILE, GLUE_FILE];
    let dist = workspace.path("web/npm/dist");
    let mut command = node(&dist)?;
    let measured = capture(command.arg("-e").arg(MEASURE).args(names))?;
    render(&names, &measured).context("reading the sizes that node measured")
}

fn render(names: &[&str], measured: &str) -> Result<String> {
    let mut table = format!("{:<24}{:>10}{:>10}{:>10}", "", "raw", "gzip", "brotli");
    let mut sum = [0_u64; 3];
    for (name, line) in names.iter().zip(measured.lines()) {
        let mut row = [0_u64; 3];
        for ((size, total), word) in row.iter_mut().zip(&mut sum).zip(line.split_whitespace()) {
            *size = word.parse()?;
            *total += *size;
        }
        write!(
            table,
            "\n{name:<24}{:>10}{:>10}{:>10}",
            row[0], row[1], row[2]
        )?;
    }
    write!(
        table,
        "\n{:<24}{:>10}{:>10}{:>10}",
        "together", sum[0], sum[1], sum[2]
    )?;
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_per_file_and_their_sum() {
        let table = render(&["a.wasm", "b.js"], "100 50 40\n10 5 4\n").unwrap();
        let rows: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(rows[0], ["raw", "gzip", "brotli"]);
        assert_eq!(rows[1], ["a.wasm", "100", "50", "40"]);
        assert_eq!(rows[2], ["b.js", "10", "5", "4"]);
        assert_eq!(rows[3], ["together", "110", "55", "44"]);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        render(&["a.wasm"], "many 50 40").unwrap_err();
    }
}
