//! What a Rust file says that the rules are about: the paths it names, the macros it calls, its
//! string literals, and its `allow` attributes.
//!
//! It reads tokens, not syntax trees: enough to be right about comments, strings and `use` groups,
//! and small enough to compile in a second.

mod reader;
#[cfg(test)]
mod tests;

use std::str::FromStr as _;

use proc_macro2::TokenStream;

use self::reader::Reader;

/// The facts of one file.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) paths: Vec<NamedPath>,
    pub(crate) macros: Vec<Word>,
    pub(crate) strings: Vec<Word>,
    /// The lines with an `allow` attribute.
    pub(crate) allows: Vec<usize>,
}

/// A path in an expression, a type, an attribute or a `use`; groups are spelled out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPath {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// Inside an item that only tests compile.
    pub(crate) in_test: bool,
    /// The inline modules around it, outermost first.
    pub(crate) inside: Vec<String>,
}

/// A macro's name or a literal's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) line: usize,
    /// Inside an item that only tests compile.
    pub(crate) in_test: bool,
}

impl Code {
    /// Reads a file; the error is the line that is no Rust.
    pub(crate) fn parse(text: &str) -> Result<Self, usize> {
        let tokens = TokenStream::from_str(text).map_err(|error| error.span().start().line)?;
        Ok(Reader::read(tokens))
    }
}

impl NamedPath {
    /// The first name, which decides where the path leads.
    pub(crate) fn root(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }
}
