//! Asks for and reads a page of transactions.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::Deserialize;

use super::row::Row;
use super::{Direction, Transaction, TransactionPage, TransactionsQuery};
use crate::error::Error;
use crate::wire::{self, Field, Lenient, ListOr, Meta, Object, Paging, Rows};

const UNREADABLE: &str = "the transactions cannot be read";
/// In characters, whatever each of them takes in bytes.
const LONGEST_NARRATION: usize = 256;

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
    if narration.is_some_and(|text| text.chars().count() > LONGEST_NARRATION) {
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
struct Answer {
    #[serde(default)]
    data: Field<ListOr<Row, Holder>>,
    #[serde(default)]
    paging: Lenient<Object<Paging>>,
    #[serde(default)]
    meta: Lenient<Object<Meta>>,
}

/// The `data` of an answer where it is not the list itself.
#[derive(Deserialize)]
struct Holder {
    #[serde(default)]
    transactions: Field<Rows<Row>>,
    #[serde(default)]
    paging: Lenient<Object<Paging>>,
    #[serde(default)]
    meta: Lenient<Object<Meta>>,
}

fn merge(paging: Lenient<Object<Paging>>, meta: Lenient<Object<Meta>>) -> Paging {
    let Object(meta) = meta.into_option().unwrap_or_default();
    let Object(paging) = paging.into_option().unwrap_or_default();
    meta.into_paging().or(paging)
}

/// The page of an answer, `None` when there is no data.
pub(crate) fn read(body: &[u8]) -> Result<Option<TransactionPage>, Error> {
    let answer: Answer = wire::read(body, UNREADABLE)?;
    let outer = merge(answer.paging, answer.meta);
    let (rows, paging) = match answer.data {
        Field::Absent => {
            return Err(Error::Malformed {
                what: "the answer holds no transactions",
            });
        }
        Field::Null => return Ok(None),
        Field::Present(ListOr::List(rows)) => (Field::Present(rows), outer),
        Field::Present(ListOr::Holder(holder)) => {
            let paging = outer.or(merge(holder.paging, holder.meta));
            (holder.transactions, paging)
        }
    };
    // An object without its list is as empty as none.
    let Some(rows) = rows.into_option() else {
        return Ok(None);
    };
    let (rows, skipped) = rows.finish("no transaction can be read")?;
    Ok(Some(TransactionPage {
        rows: rows.into_iter().map(Transaction::from).collect(),
        skipped,
        total: paging.total(),
        page: paging.page(),
        has_next: paging.has_next(),
    }))
}
