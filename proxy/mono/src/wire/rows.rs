//! Lists whose rows stand for themselves.
//!
//! A row that cannot be read costs itself and not the others: it is left out, counted, and named
//! in the log by its place, never by its content.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Object, unreadable_path};
use crate::error::Error;

/// How many bad rows are named in the log.
const LOGGED_ROWS: usize = 5;

/// The rows of a list, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rows<T> {
    readable: Vec<T>,
    skipped: usize,
    /// Where the first bad rows are bad.
    places: Vec<String>,
}

impl<T> Rows<T> {
    /// The rows that can be read, and how many were left out. A list of several of which nothing can
    /// be read is not the list that was asked for; the only row of a list may be just a bad one.
    pub(crate) fn finish(self, what: &'static str) -> Result<(Vec<T>, usize), Error> {
        if self.skipped > 0 {
            let (skipped, paths) = (self.skipped, self.places.join(", "));
            tracing::warn!(what, skipped, paths, "left out rows that cannot be read");
            if self.readable.is_empty() && self.skipped > 1 {
                return Err(Error::Malformed { what });
            }
        }
        Ok((self.readable, self.skipped))
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RowsVisitor(PhantomData))
    }
}

struct RowsVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for RowsVisitor<T> {
    type Value = Rows<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows<T>, A::Error> {
        let mut rows = Rows {
            readable: Vec::new(),
            skipped: 0,
            places: Vec::new(),
        };
        let mut index = 0_usize;
        while let Some(raw) = list.next_element::<&'de RawValue>()? {
            if let Ok(Object(row)) = serde_json::from_str::<Object<T>>(raw.get()) {
                rows.readable.push(row);
            } else {
                rows.skipped += 1;
                if rows.places.len() < LOGGED_ROWS {
                    let path = unreadable_path::<Object<T>>(raw.get().as_bytes());
                    rows.places.push(format!("[{index}].{path}"));
                }
            }
            index += 1;
        }
        Ok(rows)
    }
}

/// A list, or an object that holds it and more about it.
pub(crate) enum ListOr<T, H> {
    List(Rows<T>),
    Holder(H),
}

impl<'de, T: DeserializeOwned, H: Deserialize<'de>> Deserialize<'de> for ListOr<T, H> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListOrVisitor(PhantomData))
    }
}

struct ListOrVisitor<T, H>(PhantomData<(T, H)>);

impl<'de, T: DeserializeOwned, H: Deserialize<'de>> Visitor<'de> for ListOrVisitor<T, H> {
    type Value = ListOr<T, H>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, or an object that holds one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Rows::deserialize(SeqAccessDeserializer::new(list)).map(ListOr::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        H::deserialize(MapAccessDeserializer::new(entries)).map(ListOr::Holder)
    }
}
