//! The id of a job.

use std::fmt;
use std::str::FromStr;

use super::is_id;

/// Mono's id of a job, without the prefix that it comes with in some places: 1 to 64 letters,
/// digits, `_` and `-`.
///
/// Like an account's id it becomes part of a path, so that nothing else is ever accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(String);

/// A text that is no job id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a job id is 1 to 64 letters, digits, underscores and hyphens after its prefix")]
pub struct InvalidJobId;

impl JobId {
    /// The part of a text behind the prefix that Mono writes before a job's id in some places.
    pub fn without_prefix(text: &str) -> &str {
        bare(text)
    }

    /// The id without any prefix, as the address of a job wants it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The part of an id behind `jobs.accounts_` or another `jobs.…_`.
fn bare(id: &str) -> &str {
    if let Some(bare) = id.strip_prefix("jobs.accounts_") {
        return bare;
    }
    match (id.strip_prefix("jobs."), id.rsplit_once('_')) {
        (Some(_), Some((_, bare))) => bare,
        _ => id,
    }
}

impl FromStr for JobId {
    type Err = InvalidJobId;

    fn from_str(id: &str) -> Result<Self, InvalidJobId> {
        let bare = bare(id);
        if is_id(bare) {
            Ok(Self(bare.to_owned()))
        } else {
            Err(InvalidJobId)
        }
    }
}

impl TryFrom<&str> for JobId {
    type Error = InvalidJobId;

    fn try_from(id: &str) -> Result<Self, InvalidJobId> {
        id.parse()
    }
}

impl TryFrom<String> for JobId {
    type Error = InvalidJobId;

    fn try_from(id: String) -> Result<Self, InvalidJobId> {
        id.parse()
    }
}

impl AsRef<str> for JobId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
