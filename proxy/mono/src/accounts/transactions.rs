//! Asks for and reads a page of transactions.
//!
//! The list is read in one go. Only when that fails is it read row by row, so that one bad row
//! does not cost the others; how many were left out is part of the result.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use jiff::civil::Date;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Direction, Transaction, TransactionKind, TransactionPage, TransactionsQuery};
use crate::error::Error;
use crate::wire::{self, Field, Lenient, Meta, Moment, Money, Object, Paging, Text};

const UNREADABLE: &str = "the transactions cannot be read";
const LONGEST_NARRATION: usize = 256;
/// How many bad rows are named in the log.
const LOGGED_ROWS: usize = 5;

/// The query in Mono's words: days are `DD-MM-YYYY`, the page size is `limit`.
pub(crate) fn query(query: &TransactionsQuery) -> Result<Vec<(&'static str, Cow<'_, str>)>, Error> {
    let day = |date: Date| {
        Cow::from(format!(
            "{:02}-{:02}-{:04}",
            date.day(),
            date.month(),
            date.year()
        ))
    };
    let narration = query.narration.as_deref();
    if narration.is_some_and(|text| text.len() > LONGEST_NARRATION) {
        return Err(Error::Invalid {
            what: "the narration is too long",
        });
    }
    let kind = query.kind.map(|kind| match kind {
        Direction::Debit => Cow::from("debit"),
        Direction::Credit => Cow::from("credit"),
    });
    let fields = [
        ("start", query.start.map(day)),
        ("end", query.end.map(day)),
        ("type", kind),
        ("narration", narration.map(Cow::from)),
        ("page", query.page.map(|page| Cow::from(page.to_string()))),
        (
            "limit",
            query.limit.map(|limit| Cow::from(limit.to_string())),
        ),
    ];
    Ok(fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect())
}

#[derive(Deserialize)]
#[serde(bound = "R: Deserialize<'de>")]
struct Answer<R> {
    #[serde(default)]
    data: Field<Data<R>>,
    #[serde(default)]
    paging: Lenient<Object<Paging>>,
    #[serde(default)]
    meta: Lenient<Object<Meta>>,
}

/// The `data` of an answer: the rows themselves, or an object that holds them.
struct Data<R> {
    rows: Field<Vec<R>>,
    paging: Paging,
}

#[derive(Deserialize)]
#[serde(bound = "R: Deserialize<'de>")]
struct Holder<R> {
    #[serde(default)]
    transactions: Field<Vec<R>>,
    #[serde(default)]
    paging: Lenient<Object<Paging>>,
    #[serde(default)]
    meta: Lenient<Object<Meta>>,
}

impl<'de, R: Deserialize<'de>> Deserialize<'de> for Data<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor(PhantomData))
    }
}

struct DataVisitor<R>(PhantomData<R>);

impl<'de, R: Deserialize<'de>> Visitor<'de> for DataVisitor<R> {
    type Value = Data<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of transactions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, rows: A) -> Result<Data<R>, A::Error> {
        let rows = Vec::deserialize(SeqAccessDeserializer::new(rows))?;
        Ok(Data {
            rows: Field::Present(rows),
            paging: Paging::default(),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, holder: A) -> Result<Data<R>, A::Error> {
        let holder = Holder::deserialize(MapAccessDeserializer::new(holder))?;
        let paging = merge(holder.paging, holder.meta);
        Ok(Data {
            rows: holder.transactions,
            paging,
        })
    }
}

fn merge(paging: Lenient<Object<Paging>>, meta: Lenient<Object<Meta>>) -> Paging {
    let Object(meta) = meta.into_option().unwrap_or_default();
    let Object(paging) = paging.into_option().unwrap_or_default();
    meta.into_paging().or(paging)
}

/// The rows of an answer and where they stand, `None` when there is no data.
fn rows<R>(answer: Answer<R>) -> Result<Option<(Vec<R>, Paging)>, Error> {
    let outer = merge(answer.paging, answer.meta);
    let (rows, paging) = match answer.data {
        Field::Absent => (Field::Absent, outer),
        Field::Null => (Field::Null, outer),
        Field::Present(data) => (data.rows, outer.or(data.paging)),
    };
    match rows {
        Field::Absent => Err(Error::Malformed {
            what: "the answer holds no transactions",
        }),
        Field::Null => Ok(None),
        Field::Present(rows) => Ok(Some((rows, paging))),
    }
}

#[derive(Deserialize)]
struct Row {
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

pub(crate) fn read(body: &[u8]) -> Result<Option<TransactionPage>, Error> {
    let Ok(Object(answer)) = serde_json::from_slice::<Object<Answer<Object<Row>>>>(body) else {
        return read_row_by_row(body);
    };
    Ok(rows(answer)?.map(|(rows, paging)| {
        page(
            rows.into_iter().map(|Object(row)| row.into()).collect(),
            0,
            &paging,
        )
    }))
}

fn read_row_by_row(body: &[u8]) -> Result<Option<TransactionPage>, Error> {
    let answer: Answer<&RawValue> = wire::read(body, UNREADABLE)?;
    let Some((raw_rows, paging)) = rows(answer)? else {
        return Ok(None);
    };
    let mut readable = Vec::with_capacity(raw_rows.len());
    let mut bad = Vec::new();
    for (index, raw) in raw_rows.into_iter().enumerate() {
        match serde_json::from_str::<Object<Row>>(raw.get()) {
            Ok(Object(row)) => readable.push(Transaction::from(row)),
            Err(_) => bad.push((index, raw)),
        }
    }
    let skipped = bad.len();
    let paths = paths(&bad);
    tracing::warn!(skipped, paths, "left out transactions that cannot be read");
    if readable.is_empty() && skipped > 0 {
        return Err(Error::Malformed {
            what: "no transaction can be read",
        });
    }
    Ok(Some(page(readable, skipped, &paging)))
}

/// Where the first bad rows are bad.
fn paths(bad: &[(usize, &RawValue)]) -> String {
    let path = |(index, raw): &(usize, &RawValue)| {
        format!(
            "[{index}].{}",
            wire::unreadable_path::<Object<Row>>(raw.get().as_bytes())
        )
    };
    bad.iter()
        .take(LOGGED_ROWS)
        .map(path)
        .collect::<Vec<_>>()
        .join(", ")
}

fn page(rows: Vec<Transaction>, skipped: usize, paging: &Paging) -> TransactionPage {
    TransactionPage {
        rows,
        skipped,
        total: paging.total(),
        page: paging.page(),
        has_next: paging.has_next(),
    }
}
