//! Reads one row of a list of transactions, which statements are made of too.

use std::borrow::Cow;

use serde::de;
use serde::{Deserialize, Deserializer};

use super::{Transaction, TransactionKind};
use crate::wire::{Moment, Money, Text};

#[derive(Deserialize)]
pub(crate) struct Row {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(rename = "type")]
    kind: TransactionKind,
    amount: Money,
    #[serde(default)]
    narration: Text,
    date: Moment,
    #[serde(default)]
    balance: Option<Money>,
    #[serde(default)]
    currency: Text,
    #[serde(default)]
    category: Text,
}

impl From<Row> for Transaction {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.or(row.underscore_id).into_option(),
            kind: row.kind,
            amount: row.amount.0,
            narration: row.narration.into_option().unwrap_or_default(),
            date: row.date.0,
            balance: row.balance.map(|Money(balance)| balance),
            currency: row.currency.into_option(),
            category: row.category.into_option(),
        }
    }
}

impl<'de> Deserialize<'de> for TransactionKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Cow::<str>::deserialize(deserializer)?;
        Ok(match word.as_ref() {
            "" => return Err(de::Error::custom("the type is empty")),
            word if word.eq_ignore_ascii_case("debit") => Self::Debit,
            word if word.eq_ignore_ascii_case("credit") => Self::Credit,
            _ => Self::Other(word.into_owned()),
        })
    }
}
