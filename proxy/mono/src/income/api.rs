//! The calls about an account's income.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{IncomeRecord, IncomeRecords};
use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::transport::{Call, Route};
use crate::wire::{self, Estimate, Field, Lenient, ListOr, Number, Object, Rows, Text, day};

const UNREADABLE: &str = "the income cannot be read";

/// How many months are analysed: the most that a statement goes back.
const PERIOD: &str = "12";

impl Client {
    /// Reads an account's income (first generation only), `None` when Mono answers without data.
    pub async fn income(&self, id: &AccountId) -> Result<Option<IncomeRecords>, Error> {
        let body = self.transport.send(Call::new(Route::Income(id))).await?;
        read(&body)
    }

    /// Has Mono analyse an account's income (second generation only). A webhook tells the end.
    ///
    /// It is sent once: every analysis is paid for.
    pub async fn start_income_analysis(&self, id: &AccountId) -> Result<(), Error> {
        let call = Call {
            query: vec![("period", Cow::from(PERIOD))],
            ..Call::new(Route::StartIncome(id))
        };
        self.transport.send(call).await?;
        Ok(())
    }

    /// Reads what the analysis found (second generation only), `None` when Mono answers without
    /// data. Before the end of the analysis there is nothing in it, or what an earlier one found.
    pub async fn income_records(&self, id: &AccountId) -> Result<Option<IncomeRecords>, Error> {
        let call = Call::new(Route::IncomeRecords(id));
        let body = self.transport.send(call).await?;
        read(&body)
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default, borrow)]
    data: Field<&'a RawValue>,
}

/// An object that holds the records, or is one.
#[derive(Deserialize)]
struct Holder {
    #[serde(default)]
    income_streams: Field<Rows<Row>>,
    #[serde(default)]
    income_records: Field<Rows<Row>>,
    #[serde(default)]
    records: Field<Rows<Row>>,
    #[serde(default)]
    income_summary: Lenient<Object<Summary>>,
}

#[derive(Default, Deserialize)]
struct Summary {
    #[serde(default)]
    employer: Text,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    income_type: Text,
    #[serde(default)]
    employer: Text,
    #[serde(default)]
    amount: Option<Estimate>,
    #[serde(default)]
    average_income_amount: Option<Estimate>,
    #[serde(default)]
    last_income_amount: Option<Estimate>,
    #[serde(default)]
    monthly_average: Option<Estimate>,
    #[serde(default)]
    aggregated_monthly_average: Option<Estimate>,
    #[serde(default)]
    frequency: Text,
    #[serde(default)]
    currency: Text,
    #[serde(default)]
    first_income_date: Text,
    #[serde(default)]
    last_income_date: Text,
    #[serde(default)]
    stability: Option<Number>,
}

pub(super) fn read(body: &[u8]) -> Result<Option<IncomeRecords>, Error> {
    let answer: Answer<'_> = wire::read(body, UNREADABLE)?;
    let json = match answer.data {
        Field::Present(data) => data.get().as_bytes(),
        Field::Null => return Ok(None),
        Field::Absent => body,
    };
    let holder: Holder = match wire::read_value(json, UNREADABLE)? {
        ListOr::List(rows) => return records(rows, None).map(Some),
        ListOr::Holder(Object(holder)) => holder,
    };
    match holder.into_list() {
        (Field::Present(rows), employer) => return records(rows, employer).map(Some),
        (Field::Null, _) => return Ok(None),
        (Field::Absent, _) => {}
    }
    let only: Row = wire::read(json, UNREADABLE)?;
    let only = IncomeRecord::from(only);
    // The first generation says with an empty answer that nobody pays.
    let is_record = only != IncomeRecord::default();
    Ok(Some(IncomeRecords {
        records: is_record.then_some(only).into_iter().collect(),
        skipped: 0,
    }))
}

/// What an event says that an analysis found, where it lists it. Nobody vouches for it.
pub(crate) fn told(data: &[u8]) -> Option<IncomeRecords> {
    let Object(holder) = serde_json::from_slice::<Object<Holder>>(data).ok()?;
    let (list, employer) = holder.into_list();
    records(list.into_option()?, employer).ok()
}

impl Holder {
    /// The list, wherever it stands, and who pays where a record does not say.
    fn into_list(self) -> (Field<Rows<Row>>, Option<String>) {
        let Object(summary) = self.income_summary.into_option().unwrap_or_default();
        let lists = [self.income_streams, self.income_records, self.records];
        let mut lists = lists
            .into_iter()
            .filter(|list| !matches!(list, Field::Absent));
        let list = lists.next().unwrap_or_default();
        (list, summary.employer.into_words())
    }
}

fn records(rows: Rows<Row>, employer: Option<String>) -> Result<IncomeRecords, Error> {
    let (rows, skipped) = rows.finish(UNREADABLE)?;
    let mut records: Vec<_> = rows.into_iter().map(IncomeRecord::from).collect();
    if let Some(employer) = employer {
        for record in &mut records {
            record.employer.get_or_insert_with(|| employer.clone());
        }
    }
    Ok(IncomeRecords { records, skipped })
}

impl From<Row> for IncomeRecord {
    fn from(row: Row) -> Self {
        let amount = row
            .average_income_amount
            .or(row.amount)
            .or(row.last_income_amount);
        let monthly_average = row.monthly_average.or(row.aggregated_monthly_average);
        Self {
            kind: row.income_type.or(row.kind).into_words(),
            employer: row.employer.into_words(),
            amount: amount.map(|Estimate(amount)| amount),
            monthly_average: monthly_average.map(|Estimate(amount)| amount),
            frequency: row.frequency.into_words(),
            currency: row.currency.into_words(),
            first_date: row.first_income_date.into_words().map(day),
            last_date: row.last_income_date.into_words().map(day),
            stability: row.stability.map(|Number(stability)| stability),
        }
    }
}
