//! Who the caller is.

use secrecy::{ExposeSecret as _, SecretSlice};

use super::source::Source;
use super::value::bytes;

/// How callers are told apart.
#[derive(Debug, Clone)]
pub enum Access {
    /// Anonymous visitors, by a signed cookie.
    Session(SessionKey),
}

/// Signs session cookies.
#[derive(Debug, Clone)]
pub struct SessionKey(SecretSlice<u8>);

impl SessionKey {
    const MINIMUM: usize = 32;

    /// From base64 or hex.
    pub fn parse(text: &str) -> Result<Self, String> {
        let key = bytes(text)?;
        if key.len() < Self::MINIMUM {
            return Err(format!(
                "must be at least {} random bytes, base64 or hex",
                Self::MINIMUM
            ));
        }
        Ok(Self(key.into()))
    }

    /// The key itself, for the one place that signs.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl Access {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        let mode = source.value("AUTH_MODE")?;
        match mode.as_str() {
            "session" => {
                let key = source.required("SESSION_KEY")?;
                source
                    .check("SESSION_KEY", SessionKey::parse(&key))
                    .map(Self::Session)
            }
            "jwt" | "forwarded" => {
                source.problem(
                    "AUTH_MODE",
                    format!("{mode} is not supported by this version yet"),
                );
                None
            }
            _ => {
                source.problem("AUTH_MODE", "must be session, jwt or forwarded");
                None
            }
        }
    }
}
