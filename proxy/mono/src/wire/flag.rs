//! Yes, no, or nothing said.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A truth value, also as the word for it. Everything else says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flag(Option<bool>);

impl Flag {
    /// This flag, or the other one when this says nothing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }

    pub(crate) const fn into_option(self) -> Option<bool> {
        self.0
    }

    /// The flag that a word is, in any case.
    pub(crate) fn of_word(word: &str) -> Self {
        Self(if word.eq_ignore_ascii_case("true") {
            Some(true)
        } else if word.eq_ignore_ascii_case("false") {
            Some(false)
        } else {
            None
        })
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Self::of_word(raw.get().trim_matches('"')))
    }
}
