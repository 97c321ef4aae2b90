//! The keys that encrypt what is personal at rest.

use secrecy::{ExposeSecret as _, SecretSlice};

use super::source::Source;
use super::value::{bytes, list};

const VARIABLE: &str = "ENCRYPTION_KEYS";

/// AES-256.
const LENGTH: usize = 32;

/// A key and what it is called. Of several, the first encrypts and all decrypt.
#[derive(Debug, Clone)]
pub struct EncryptionKey {
    /// Stands beside every value that it encrypted. No secret.
    pub id: String,
    key: SecretSlice<u8>,
}

impl EncryptionKey {
    /// None where nothing is to be encrypted.
    pub(super) fn read_all(source: &mut Source<'_>) -> Option<Vec<Self>> {
        let Some(text) = source.value(VARIABLE) else {
            return Some(Vec::new());
        };
        let before = source.problem_count();
        let mut keys: Vec<Self> = Vec::new();
        if list(&text).next().is_none() {
            // Nothing would be encrypted, and whoever wrote it meant that something is.
            source.problem(VARIABLE, "holds no key");
        }
        for (place, item) in list(&text).enumerate() {
            let known = |key: &Self| match keys.iter().find(|known| known.id == key.id) {
                Some(_) => Some("has the id of an earlier one"),
                None if keys.iter().any(|known| known.expose() == key.expose()) => {
                    Some("is an earlier one with another id")
                }
                None => None,
            };
            let checked = Self::parse(item).and_then(|key| known(&key).map_or(Ok(key), Err));
            match checked {
                Ok(key) => keys.push(key),
                // By its place: what stands there may be a key without an id.
                Err(message) => source.problem(VARIABLE, format!("key {} {message}", place + 1)),
            }
        }
        (source.problem_count() == before).then_some(keys)
    }

    fn parse(item: &str) -> Result<Self, &'static str> {
        let (id, key) = item
            .split_once(':')
            .ok_or("must be an id, a colon and the key")?;
        let is_id = (1..=32).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if !is_id {
            return Err("must have an id of 1 to 32 letters, digits, _ and -");
        }
        let key = bytes(key).map_err(|_| "must be base64 of 32 random bytes")?;
        if key.len() != LENGTH {
            return Err("must be 32 bytes, no more and no less");
        }
        Ok(Self {
            id: id.to_owned(),
            key: key.into(),
        })
    }

    /// The key itself, for the one place that encrypts.
    pub fn expose(&self) -> &[u8] {
        self.key.expose_secret()
    }
}
