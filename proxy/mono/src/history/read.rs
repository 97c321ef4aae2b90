//! Reads a history, inside `data` and bare.

use serde::{Deserialize, Deserializer};

use super::{History, Month};
use crate::error::Error;
use crate::wire::{self, Field, Lenient, ListOr, Money, Rows, Text};

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Field<ListOr<Row, Level>>,
    #[serde(default)]
    total: Lenient<Money>,
    #[serde(default)]
    history: Field<Rows<Row>>,
}

#[derive(Deserialize)]
struct Level {
    #[serde(default)]
    total: Lenient<Money>,
    #[serde(default)]
    history: Field<Rows<Row>>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(deserialize_with = "named")]
    period: String,
    amount: Money,
    #[serde(default)]
    transaction_count: Text,
}

/// A month without a name says nothing.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Text::deserialize(deserializer)?
        .into_option()
        .filter(|name| !name.trim().is_empty())
        .ok_or_else(|| serde::de::Error::custom("the period is missing"))
}

/// The history of an answer, `None` when there is no data.
pub(super) fn read(body: &[u8]) -> Result<Option<History>, Error> {
    let answer: Answer = wire::read(body, "the months cannot be read")?;
    let (total, rows) = match answer.data {
        Field::Absent if matches!(answer.history, Field::Absent) => {
            return Err(Error::Malformed {
                what: "the answer holds no months",
            });
        }
        Field::Absent => (answer.total, answer.history),
        Field::Null => return Ok(None),
        Field::Present(ListOr::List(rows)) => (answer.total, Field::Present(rows)),
        Field::Present(ListOr::Holder(level)) => (level.total, level.history),
    };
    // An object without its list is as empty as none.
    let Some(rows) = rows.into_option() else {
        return Ok(None);
    };
    let (rows, skipped) = rows.finish("no month can be read")?;
    Ok(Some(History {
        total: total.into_option().map(|Money(total)| total),
        months: rows.into_iter().map(Month::from).collect(),
        skipped,
    }))
}

impl From<Row> for Month {
    fn from(row: Row) -> Self {
        Self {
            period: row.period,
            amount: row.amount.0,
            transaction_count: row.transaction_count.parse(),
        }
    }
}
