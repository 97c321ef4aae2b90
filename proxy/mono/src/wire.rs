//! The pieces that Mono's JSON is made of, in every spelling that is known.
//!
//! Which pieces make which answer stands beside each resource.

mod date;
mod flag;
mod lenient;
mod money;
mod number;
mod object;
mod paging;
mod rows;
mod text;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Deserializer};

use crate::error::Error;

pub(crate) use self::date::{Moment, day};
pub(crate) use self::flag::Flag;
pub(crate) use self::lenient::Lenient;
pub(crate) use self::money::Money;
pub(crate) use self::number::{Estimate, Number};
pub(crate) use self::object::Object;
pub(crate) use self::paging::{Meta, Paging};
pub(crate) use self::rows::{ListOr, Rows};
pub(crate) use self::text::Text;

/// A field where `null` and being absent mean different things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Field<T> {
    #[default]
    Absent,
    Null,
    Present(T),
}

impl<T> Field<T> {
    pub(crate) fn into_option(self) -> Option<T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Present))
    }
}

/// Reads a whole answer, which is an object. What cannot be read is logged by its place only, never by its content.
pub(crate) fn read<'de, T: Deserialize<'de>>(
    body: &'de [u8],
    what: &'static str,
) -> Result<T, Error> {
    read_value::<Object<T>>(body, what).map(|Object(answer)| answer)
}

/// Reads a whole answer that need not be an object.
pub(crate) fn read_value<'de, T: Deserialize<'de>>(
    body: &'de [u8],
    what: &'static str,
) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|_| {
        let path = unreadable_path::<T>(body);
        tracing::warn!(what, path, "cannot read Mono's answer");
        Error::Malformed { what }
    })
}

/// The place in the JSON where reading it fails; empty when it is no JSON at all.
///
/// Keys that no type of ours names cannot appear in it: they are skipped without being tracked.
pub(crate) fn unreadable_path<'de, T: Deserialize<'de>>(json: &'de [u8]) -> String {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => String::new(),
        Err(error) => error.path().to_string(),
    }
}
