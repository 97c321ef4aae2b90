//! The keys, and sealing and opening with them.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Serialize;

use super::{Column, KeyType, MARK, ValueType};
use crate::Error;

/// Under this row a key's check value lies; what it says does not matter.
const CHECK: Column = Column {
    table: "encryption_keys",
    key: "id",
    key_type: KeyType::Text,
    name: "check_value",
    value_type: ValueType::Text,
};

/// Keys: the first seals, each opens. Without any, values are written as they are. Cheap to clone.
#[derive(Clone, Default)]
pub struct Keyring {
    keys: Arc<[Key]>,
}

struct Key {
    id: String,
    // Draws a random nonce for each value: one key is good for 2^32 of them.
    cipher: RandomizedNonceKey,
}

impl Key {
    fn prefix(&self) -> String {
        prefix(&self.id)
    }
}

impl Keyring {
    /// From ids, which are letters, digits, `_` and `-`, and 32 bytes each.
    pub fn new<'k>(keys: impl IntoIterator<Item = (&'k str, &'k [u8])>) -> Result<Self, Error> {
        let keys = keys.into_iter().map(|(id, bytes)| {
            let cipher = RandomizedNonceKey::new(&AES_256_GCM, bytes);
            Ok(Key {
                id: id.to_owned(),
                cipher: cipher.map_err(|_| Error::Unavailable("a key is not 32 bytes".into()))?,
            })
        });
        Ok(Self {
            keys: keys.collect::<Result<_, Error>>()?,
        })
    }

    /// Whether values are sealed at all.
    pub(crate) fn seals(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The value as it is written into this column of this row.
    pub(crate) fn seal(
        &self,
        column: &Column,
        row: &str,
        plain: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        match self.keys.first() {
            Some(key) => Ok(seal_with(key, column, row, plain)?.into_bytes()),
            None => Ok(plain),
        }
    }

    /// A document as it is written into this column of this row.
    pub(crate) fn seal_json(
        &self,
        column: &Column,
        row: &str,
        value: &impl Serialize,
    ) -> Result<String, Error> {
        let fails = |error| Error::Unavailable(Box::new(error));
        let json = serde_json::to_string(value).map_err(fails)?;
        match self.keys.first() {
            Some(key) => seal_with(key, column, row, json.into_bytes()),
            None => Ok(json),
        }
    }

    /// What is written in this column of this row says.
    pub(crate) fn open(
        &self,
        column: &Column,
        row: &str,
        written: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let Some(sealed) = written.strip_prefix(MARK.as_bytes()) else {
            return Ok(written);
        };
        self.open_sealed(column, row, sealed)
            .ok_or_else(|| Error::Sealed {
                table: column.table,
                key: row.to_owned(),
                column: column.name,
            })
    }

    fn open_sealed(&self, column: &Column, row: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (id, text) = std::str::from_utf8(sealed).ok()?.split_once(':')?;
        let key = self.keys.iter().find(|key| key.id == id)?;
        let mut bytes = STANDARD_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = key.cipher.open_in_place(nonce, place(column, row), sealed);
        Some(opened.ok()?.to_vec())
    }

    /// With what the values begin that the first key has sealed.
    pub(super) fn current_prefix(&self) -> Option<String> {
        self.keys.first().map(Key::prefix)
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }

    /// What every key seals so that it is known again.
    pub(super) fn check_values(&self) -> Result<Vec<(String, String)>, Error> {
        let check = |key: &Key| {
            let value = seal_with(key, &CHECK, &key.id, Vec::new())?;
            Ok((key.id.clone(), value))
        };
        self.keys.iter().map(check).collect()
    }

    /// Whether the key of this id is the one that sealed this.
    pub(super) fn passes_check(&self, id: &str, check: &str) -> bool {
        check.starts_with(&prefix(id)) && self.open(&CHECK, id, check.into()).is_ok()
    }
}

pub(super) fn prefix(id: &str) -> String {
    format!("{MARK}{id}:")
}

fn seal_with(key: &Key, column: &Column, row: &str, mut plain: Vec<u8>) -> Result<String, Error> {
    let nonce = key
        .cipher
        .seal_in_place_append_tag(place(column, row), &mut plain)
        .map_err(|_| Error::Unavailable("a value could not be encrypted".into()))?;
    let bytes = [nonce.as_ref().as_slice(), &plain].concat();
    let mut text = key.prefix();
    STANDARD_NO_PAD.encode_string(bytes, &mut text);
    Ok(text)
}

/// Where a value belongs. Neither table nor column holds a line break.
fn place(column: &Column, row: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{}\n{}\n{row}", column.table, column.name).into_bytes())
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keyring([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ACCOUNT_CONSENT, ACCOUNT_PROFILE, LINK_SESSION_CONSENT};
    use super::*;

    fn keyring(ids: &[(&str, u8)]) -> Keyring {
        let bytes: Vec<_> = ids.iter().map(|(_, byte)| [*byte; 32]).collect();
        let keys = ids.iter().zip(&bytes);
        Keyring::new(keys.map(|((id, _), bytes)| (*id, &bytes[..]))).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let keyring = keyring(&[("k1", 1)]);
        let sealed = keyring.seal(&ACCOUNT_CONSENT, "a", b"plain".into());
        let sealed = sealed.unwrap();
        assert!(sealed.starts_with(b"sealed:k1:"));
        let opens = |column, row| keyring.open(column, row, sealed.clone()).ok();
        assert_eq!(opens(&ACCOUNT_CONSENT, "a"), Some(b"plain".into()));
        assert_eq!(opens(&ACCOUNT_CONSENT, "b"), None);
        assert_eq!(opens(&ACCOUNT_PROFILE, "a"), None);
        assert_eq!(opens(&LINK_SESSION_CONSENT, "a"), None);
    }

    #[test]
    fn a_value_that_was_changed_anywhere_does_not_open() {
        let keyring = keyring(&[("k1", 1)]);
        let sealed = keyring.seal(&ACCOUNT_PROFILE, "a", b"plain".into());
        let sealed = sealed.unwrap();
        for place in MARK.len()..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] = if changed[place] == b'B' { b'C' } else { b'B' };
            let opened = keyring.open(&ACCOUNT_PROFILE, "a", changed);
            assert!(matches!(opened, Err(Error::Sealed { .. })), "{place}");
        }
        for length in MARK.len()..sealed.len() {
            let opened = keyring.open(&ACCOUNT_PROFILE, "a", sealed[..length].into());
            assert!(opened.is_err(), "{length}");
        }
    }

    #[test]
    fn the_same_text_is_never_sealed_the_same() {
        let keyring = keyring(&[("k1", 1)]);
        let seal = || {
            keyring
                .seal(&ACCOUNT_PROFILE, "a", b"plain".into())
                .unwrap()
        };
        let sealed: std::collections::BTreeSet<_> = (0..1000).map(|_| seal()).collect();
        assert_eq!(sealed.len(), 1000);
    }

    #[test]
    fn the_first_key_seals_and_each_opens() {
        let (old, new) = (keyring(&[("k1", 1)]), keyring(&[("k2", 2)]));
        let both = keyring(&[("k2", 2), ("k1", 1)]);
        let seal = |by: &Keyring| by.seal(&ACCOUNT_PROFILE, "a", b"plain".into()).unwrap();
        let opens = |by: &Keyring, value| by.open(&ACCOUNT_PROFILE, "a", value).is_ok();
        assert!(opens(&both, seal(&old)) && opens(&new, seal(&both)));
        assert!(!opens(&new, seal(&old)) && !opens(&Keyring::default(), seal(&old)));
        assert!(opens(&both, b"{}".into()), "written before there were keys");
    }

    #[test]
    fn a_check_tells_a_key_from_another_of_the_same_id() {
        let checks = keyring(&[("k1", 1)]).check_values().unwrap();
        let passes = |keyring: &Keyring| keyring.passes_check(&checks[0].0, &checks[0].1);
        assert!(passes(&keyring(&[("k2", 2), ("k1", 1)])));
        assert!(!passes(&keyring(&[("k1", 2)])));
        assert!(!keyring(&[("k1", 1)]).passes_check("k1", "plain"));
    }

    #[test]
    fn a_keyring_shows_nothing_and_takes_no_short_key() {
        assert_eq!(
            format!("{:?}", keyring(&[("k1", 1)])),
            "Keyring([redacted])"
        );
        assert!(Keyring::new([("k1", &[1; 16][..])]).is_err());
    }
}
