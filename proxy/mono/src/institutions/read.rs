//! Reads the list of banks: inside `data` and bare, with either spelling of every name.

use serde::Deserialize;
use url::Url;

use super::{Institutions, LinkableInstitution};
use crate::error::Error;
use crate::wire::{Field, Lenient, ListOr, Rows, Text, read_value};

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    data: Field<Rows<LinkableInstitution>>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    institution: Text,
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    icon: Text,
    #[serde(default)]
    country: Text,
    #[serde(default)]
    auth_methods: Lenient<Vec<Lenient<Method>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Method {
    Word(String),
    Described {
        #[serde(default, rename = "type")]
        kind: Text,
        #[serde(default)]
        identifier: Text,
    },
}

impl Method {
    fn into_word(self) -> Option<String> {
        match self {
            Self::Word(word) => Some(word),
            Self::Described { kind, identifier } => kind.or(identifier).into_option(),
        }
    }
}

/// A bank that no link can name, or that nobody would recognise, is none.
#[derive(Debug, thiserror::Error)]
#[error("the bank has no id or no name")]
struct Nameless;

impl TryFrom<Wire> for LinkableInstitution {
    type Error = Nameless;

    fn try_from(wire: Wire) -> Result<Self, Nameless> {
        let said = |text: Text| text.into_option().filter(|text| !text.trim().is_empty());
        let icon = wire
            .icon
            .into_option()
            .and_then(|icon| Url::parse(&icon).ok());
        let methods = wire.auth_methods.into_option().unwrap_or_default();
        Ok(Self {
            id: said(wire.id.or(wire.underscore_id)).ok_or(Nameless)?,
            name: said(wire.name.or(wire.institution)).ok_or(Nameless)?,
            kind: wire.kind.into_option(),
            icon: icon.filter(|icon| icon.scheme() == "https"),
            country: wire.country.into_option(),
            auth_methods: methods
                .into_iter()
                .filter_map(Lenient::into_option)
                .filter_map(Method::into_word)
                .collect(),
        })
    }
}

impl<'de> Deserialize<'de> for LinkableInstitution {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Self::try_from(wire).map_err(serde::de::Error::custom)
    }
}

/// The banks of an answer. A list without any is not the list that was asked for.
pub(super) fn read(body: &[u8]) -> Result<Institutions, Error> {
    let answer = read_value(body, "the institutions cannot be read")?;
    let rows = match answer {
        ListOr::List(rows) => Some(rows),
        ListOr::Holder(Envelope { data }) => data.into_option(),
    };
    let rows = rows.ok_or(Error::Malformed {
        what: "the answer holds no institutions",
    })?;
    let (institutions, skipped) = rows.finish("no institution can be read")?;
    if institutions.is_empty() {
        return Err(Error::NoData);
    }
    Ok(Institutions {
        institutions,
        skipped,
    })
}
