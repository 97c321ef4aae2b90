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

/// Bytes: raw, gzip, brotli.
pub(crate) type Row = [u64; 3];

/// The sizes of what a page loads.
pub(crate) struct Sizes {
    files: Vec<(&'static str, Row)>,
}

/// Measures the built package.
pub(crate) fn measure(workspace: &Workspace) -> Result<Sizes> {
    let names = [WASM_FILE, GLUE_FILE];
    let dist = workspace.path("web/npm/dist");
    let mut command = node(&dist)?;
    let measured = capture(command.arg("-e").arg(MEASURE).args(names))?;
    read(&names, &measured).context("reading the sizes that node measured")
}

fn read(names: &[&'static str], measured: &str) -> Result<Sizes> {
    let mut files = Vec::new();
    for (name, line) in names.iter().zip(measured.lines()) {
        let mut row = Row::default();
        for (size, word) in row.iter_mut().zip(line.split_whitespace()) {
            *size = word.parse()?;
        }
        files.push((*name, row));
    }
    Ok(Sizes { files })
}

impl Sizes {
    /// All files together.
    pub(crate) fn sum(&self) -> Row {
        let mut sum = Row::default();
        for (_, row) in &self.files {
            for (total, size) in sum.iter_mut().zip(row) {
                *total += size;
            }
        }
        sum
    }

    /// A table with one line per file and a sum.
    pub(crate) fn table(&self) -> String {
        let mut table = format!("{:<24}{:>10}{:>10}{:>10}", "", "raw", "gzip", "brotli");
        let sum = ("together", self.sum());
        for (name, [raw, gzip, brotli]) in self.files.iter().chain([&sum]) {
            // Writing into a text cannot fail.
            let _ = write!(table, "\n{name:<24}{raw:>10}{gzip:>10}{brotli:>10}");
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_per_file_and_their_sum() {
        let sizes = read(&["a.wasm", "b.js"], "100 50 40\n10 5 4\n").unwrap();
        let table = sizes.table();
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
        assert!(read(&["a.wasm"], "many 50 40").is_err());
    }
}
