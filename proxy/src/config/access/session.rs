//! The keys of session cookies.

use secrecy::{ExposeSecret as _, SecretSlice};

use crate::config::source::Source;
use crate::config::value::{bytes, list};

/// Keys of session cookies: the first signs, each verifies, so that a key can be rotated.
#[derive(Debug, Clone)]
pub struct SessionKeys(Vec<SecretSlice<u8>>);

impl SessionKeys {
    const MINIMUM: usize = 32;

    /// From one or two keys in base64 or hex, comma-separated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let keys: Vec<_> = list(text).map(parse_key).collect::<Result<_, _>>()?;
        match keys.len() {
            0 => Err("is required".to_owned()),
            1 | 2 => Ok(Self(keys)),
            _ => Err("must be one key, or two while it is rotated".to_owned()),
        }
    }

    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        let text = source.required("SESSION_KEY")?;
        source.check("SESSION_KEY", Self::parse(&text))
    }

    /// The keys themselves, for the one place that signs.
    pub fn expose(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(SecretSlice::expose_secret)
    }
}

fn parse_key(text: &str) -> Result<SecretSlice<u8>, String> {
    let key = bytes(text)?;
    if key.len() < SessionKeys::MINIMUM {
        return Err(format!(
            "must be at least {} random bytes, base64 or hex",
            SessionKeys::MINIMUM
        ));
    }
    Ok(key.into())
}
