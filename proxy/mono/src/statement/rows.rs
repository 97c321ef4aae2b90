//! Reads a statement, from both places that its rows come in: beside `meta`, and inside `data`.

use serde::Deserialize;

use super::Statement;
use crate::accounts::{Row, Transaction};
use crate::error::Error;
use crate::wire::{self, Field, Lenient, ListOr, Object, Rows, Text};

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Field<ListOr<Row, Holder>>,
    #[serde(default)]
    meta: Lenient<Object<Lengths>>,
}

/// The `data` of an answer where it is not the list itself.
#[derive(Deserialize)]
struct Holder {
    #[serde(default)]
    statement: Field<Rows<Row>>,
    #[serde(default)]
    count: Text,
    #[serde(default)]
    requested_length: Text,
    #[serde(default)]
    available_length: Text,
    #[serde(default)]
    meta: Lenient<Object<Lengths>>,
}

#[derive(Default, Deserialize)]
struct Lengths {
    #[serde(default)]
    count: Text,
    #[serde(default)]
    requested_length: Text,
    #[serde(default)]
    available_length: Text,
}

impl Lengths {
    fn or(self, other: Self) -> Self {
        Self {
            count: self.count.or(other.count),
            requested_length: self.requested_length.or(other.requested_length),
            available_length: self.available_length.or(other.available_length),
        }
    }
}

fn lengths(meta: Lenient<Object<Lengths>>) -> Lengths {
    let Object(lengths) = meta.into_option().unwrap_or_default();
    lengths
}

/// The statement of an answer, `None` when there is no data.
pub(super) fn read(body: &[u8]) -> Result<Option<Statement>, Error> {
    let answer: Answer = wire::read(body, "the statement cannot be read")?;
    let outer = lengths(answer.meta);
    let (rows, lengths) = match answer.data {
        Field::Absent => {
            return Err(Error::Malformed {
                what: "the answer holds no statement",
            });
        }
        Field::Null => return Ok(None),
        Field::Present(ListOr::List(rows)) => (Field::Present(rows), outer),
        Field::Present(ListOr::Holder(holder)) => {
            let own = Lengths {
                count: holder.count,
                requested_length: holder.requested_length,
                available_length: holder.available_length,
            };
            (holder.statement, own.or(lengths(holder.meta)).or(outer))
        }
    };
    // An object without its list is as empty as none.
    let Some(rows) = rows.into_option() else {
        return Ok(None);
    };
    let (rows, skipped) = rows.finish("no row of the statement can be read")?;
    Ok(Some(Statement {
        rows: rows.into_iter().map(Transaction::from).collect(),
        skipped,
        count: lengths.count.parse(),
        requested_days: lengths.requested_length.parse(),
        available_days: lengths.available_length.parse(),
    }))
}
