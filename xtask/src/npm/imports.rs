//! Gives the functions that the wasm imports from its glue short names.
//!
//! wasm-bindgen names each by its JavaScript name and a hash, which no compression can shrink: two
//! kilobytes in the wasm, and half as much again in the glue.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::bindings::{GLUE_FILE, WASM_FILE};

/// The module of whose names nobody else knows.
const MODULE: &str = "./mono_connect_bg.js";
const HEADER: usize = 8;
const IMPORTS: u8 = 2;
const FUNCTION: u8 = 0;

/// Old names and new ones.
type Names = BTreeMap<String, String>;

/// Renames the imports in both files of `dist`.
pub(crate) fn shorten(dist: &Path) -> Result<()> {
    let (wasm, glue) = (dist.join(WASM_FILE), dist.join(GLUE_FILE));
    let module = fs::read(&wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let text = fs::read_to_string(&glue).with_context(|| format!("reading {}", glue.display()))?;
    let (module, names) =
        rename_in_module(&module).with_context(|| format!("reading {}", wasm.display()))?;
    let text = rename_in_glue(&text, &names)?;
    fs::write(&wasm, module).with_context(|| format!("writing {}", wasm.display()))?;
    fs::write(&glue, text).with_context(|| format!("writing {}", glue.display()))
}

fn rename_in_module(module: &[u8]) -> Result<(Vec<u8>, Names)> {
    let mut reader = Reader(module);
    let mut renamed = reader.take(HEADER)?.to_vec();
    let mut names = Names::new();
    while !reader.0.is_empty() {
        let kind = reader.byte()?;
        let size = reader.number()?;
        let section = reader.take(size)?;
        let section = if kind == IMPORTS {
            rename_in_section(section, &mut names)?
        } else {
            section.to_vec()
        };
        renamed.push(kind);
        write_bytes(&mut renamed, &section);
    }
    Ok((renamed, names))
}

fn rename_in_section(section: &[u8], names: &mut Names) -> Result<Vec<u8>> {
    let mut reader = Reader(section);
    let mut renamed = Vec::new();
    let count = reader.number()?;
    write_number(&mut renamed, count);
    for _ in 0..count {
        let (module, name) = (reader.text()?, reader.text()?);
        let kind = reader.byte()?;
        if kind != FUNCTION {
            bail!("the wasm imports {module} {name}, which is no function");
        }
        let signature = reader.number()?;
        let mut short = name.to_owned();
        if module == MODULE {
            short = format!("a{}", names.len());
            names.insert(name.to_owned(), short.clone());
        }
        write_bytes(&mut renamed, module.as_bytes());
        write_bytes(&mut renamed, short.as_bytes());
        renamed.push(kind);
        write_number(&mut renamed, signature);
    }
    Ok(renamed)
}

/// Every name must be there exactly once, where the glue defines it.
fn rename_in_glue(glue: &str, names: &Names) -> Result<String> {
    let mut renamed = String::with_capacity(glue.len());
    let mut found = 0;
    for piece in glue.split_inclusive(|letter: char| !is_of_name(letter)) {
        let word = piece.trim_end_matches(|letter| !is_of_name(letter));
        match names.get(word) {
            Some(short) => {
                found += 1;
                renamed.push_str(short);
                renamed.push_str(&piece[word.len()..]);
            }
            None => renamed.push_str(piece),
        }
    }
    if found != names.len() {
        bail!("the glue names {found} imports of {}", names.len());
    }
    Ok(renamed)
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$'
}

/// What is left of a binary.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, size: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(size)
            .context("the wasm ends too soon")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// LEB128.
    fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        bail!("the wasm has a number that is too long")
    }

    fn text(&mut self) -> Result<&'a str> {
        let size = self.number()?;
        Ok(std::str::from_utf8(self.take(size)?)?)
    }
}

fn write_number(into: &mut Vec<u8>, mut number: usize) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            into.push(low);
            return;
        }
        into.push(low | 0x80);
    }
}

fn write_bytes(into: &mut Vec<u8>, bytes: &[u8]) {
    write_number(into, bytes.len());
    into.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(imports: &[(&str, &str)]) -> Vec<u8> {
        let mut section = Vec::new();
        write_number(&mut section, imports.len());
        for (module, name) in imports {
            write_bytes(&mut section, module.as_bytes());
            write_bytes(&mut section, name.as_bytes());
            section.extend([FUNCTION, 5]);
        }
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        for (kind, content) in [(1, vec![7; 200]), (IMPORTS, section), (3, vec![9])] {
            bytes.push(kind);
            write_bytes(&mut bytes, &content);
        }
        bytes
    }

    #[test]
    fn the_glues_names_become_short_in_both_files() {
        let before = module(&[
            (MODULE, "__wbg_fetch_1"),
            ("other", "kept"),
            (MODULE, "__wbg_a_2"),
        ]);
        let (after, names) = rename_in_module(&before).unwrap();
        assert_eq!(
            after,
            module(&[(MODULE, "a0"), ("other", "kept"), (MODULE, "a1")])
        );
        let glue = "x = { __wbg_a_2: f(__wbg_a_22), __wbg_fetch_1: kept };";
        assert_eq!(
            rename_in_glue(glue, &names).unwrap(),
            "x = { a1: f(__wbg_a_22), a0: kept };"
        );
    }

    #[test]
    fn a_name_that_the_glue_lacks_or_has_twice_is_an_error() {
        let (_, names) = rename_in_module(&module(&[(MODULE, "one"), (MODULE, "two")])).unwrap();
        rename_in_glue("one: 1, two: 2", &names).unwrap();
        for glue in ["one: 1", "one: 1, two: 2, one: 3"] {
            rename_in_glue(glue, &names).unwrap_err();
        }
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        let whole = module(&[(MODULE, "one")]);
        rename_in_module(&whole[..whole.len() - 1]).unwrap_err();
    }
}
