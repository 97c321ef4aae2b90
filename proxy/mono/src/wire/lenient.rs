//! A part of an answer that must not spoil the rest of it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Text;

/// A value that is as good as absent when it has another shape than expected.
#[derive(Debug, Clone)]
pub(crate) struct Lenient<T>(Option<T>);

impl<T> Lenient<T> {
    pub(crate) fn into_option(self) -> Option<T> {
        self.0
    }
}

impl Lenient<Vec<Text>> {
    /// The words of the list; `None` when there is no list.
    pub(crate) fn into_words(self) -> Option<Vec<String>> {
        let words = self.0?.into_iter();
        Some(words.filter_map(Text::into_option).collect())
    }
}

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).ok()))
    }
}
