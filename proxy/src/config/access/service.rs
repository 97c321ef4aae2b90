//! Keys of the site's own back end.

use std::collections::BTreeSet;

use crate::config::source::Source;
use crate::config::value::{bytes, list};

/// A key of the site's own back end. Only its digest is known here.
#[derive(Debug, Clone)]
pub struct ServiceKey {
    /// What the audit log calls it.
    pub name: String,
    /// SHA-256 of the key.
    pub digest: [u8; 32],
}

impl ServiceKey {
    pub(super) fn read_all(source: &mut Source<'_>) -> Option<Vec<Self>> {
        match source.value("SERVICE_KEYS") {
            None => Some(Vec::new()),
            Some(text) => source.check("SERVICE_KEYS", Self::parse_all(&text)),
        }
    }

    fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        let keys: Vec<_> = list(text).map(Self::parse).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err("holds no key".to_owned());
        }
        let names: BTreeSet<_> = keys.iter().map(|key| &key.name).collect();
        let digests: BTreeSet<_> = keys.iter().map(|key| key.digest).collect();
        if names.len() < keys.len() || digests.len() < keys.len() {
            return Err("must not hold the same name or the same key twice".to_owned());
        }
        Ok(keys)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be pairs of name:sha256-hex, comma-separated".to_owned();
        let (name, digest) = text.split_once(':').ok_or_else(wrong)?;
        let is_name = (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        let is_hex = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_name || !is_hex {
            return Err(wrong());
        }
        let digest = bytes(digest)?.try_into().map_err(|_| wrong())?;
        Ok(Self {
            name: name.to_owned(),
            digest,
        })
    }
}
