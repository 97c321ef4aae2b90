//! The id of a linked account.

use std::fmt;
use std::str::FromStr;

use super::is_id;

/// Mono's id of a linked account: 1 to 64 letters, digits, `_` and `-`.
///
/// It becomes part of the path of a request that carries the secret key, so that nothing else is
/// ever accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

/// A text that is no account id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account id is 1 to 64 letters, digits, underscores and hyphens")]
pub struct InvalidAccountId;

impl AccountId {
    /// The id as Mono writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidAccountId;

    fn try_from(id: String) -> Result<Self, InvalidAccountId> {
        if is_id(&id) {
            Ok(Self(id))
        } else {
            Err(InvalidAccountId)
        }
    }
}

impl TryFrom<&str> for AccountId {
    type Error = InvalidAccountId;

    fn try_from(id: &str) -> Result<Self, InvalidAccountId> {
        id.parse()
    }
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(id: &str) -> Result<Self, InvalidAccountId> {
        Self::try_from(id.to_owned())
    }
}

impl AsRef<str> for AccountId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
