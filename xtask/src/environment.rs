//! What xtask takes from its surroundings: environment variables and randomness.
//!
//! It decides nothing: every other module asks here and says what it needs the answer for.

use std::ffi::OsString;
use std::fmt::Write as _;

use anyhow::{Context as _, Result};

/// The variable's value; an empty one counts as absent.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate that reads them"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// 32 random bytes in hexadecimal: good for a key or a shared secret.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate that draws randomness"
)]
pub(crate) fn random_secret() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).context("the system gave no randomness")?;
    Ok(bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}
