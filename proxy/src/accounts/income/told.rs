//! What an event told of an income, and when it counts.
//!
//! Mono does not sign its events, so what it says when it is asked comes first. The event's word is
//! taken where Mono gives no records at all, and for what a record leaves open that is plainly the
//! same source.

use mono_client::{Error as MonoError, IncomeRecord, IncomeRecords};
use mono_connect_shared::Timestamp;
use mono_connect_shared::income::IncomeRecord as Kept;
use mono_connect_store::{AccountRecord, ToldIncome};

use crate::accounts::{Accounts, Error, view};

/// More sources of income than anybody has.
const MOST: usize = 100;

impl Accounts {
    /// Keeps what an event told of the account's income, unless a later one has come before it.
    pub(in crate::accounts) async fn keep_told_income(
        &self,
        record: AccountRecord,
        told: ToldIncome,
    ) -> Result<AccountRecord, Error> {
        self.change(record, |mut record| {
            let known = &mut record.profile.income;
            if known.as_ref().is_none_or(|known| known.at <= told.at) {
                *known = Some(told.clone());
            }
            Ok(record)
        })
        .await
    }
}

/// What is kept of an event.
pub(in crate::accounts) fn income(found: &IncomeRecords, at: Timestamp) -> ToldIncome {
    let records = found.records.iter().take(MOST).cloned();
    ToldIncome {
        at,
        records: records.map(view::income_record).collect(),
    }
}

/// What there is to say of an income: what Mono says, completed or replaced by what it told.
pub(super) fn best_of(
    answer: Result<Option<IncomeRecords>, MonoError>,
    told: Option<ToldIncome>,
) -> Result<Option<IncomeRecords>, MonoError> {
    let Some(told) = told.filter(|told| !told.records.is_empty()) else {
        return answer;
    };
    let told = told.records.into_iter().map(as_told).collect();
    match answer {
        Ok(Some(found)) => Ok(Some(completed(found, told))),
        // Nothing is found there, or nothing that can be read.
        Ok(None) | Err(MonoError::NotFound | MonoError::NoData | MonoError::Malformed { .. }) => {
            Ok(Some(IncomeRecords {
                records: told,
                skipped: 0,
            }))
        }
        Err(error) => Err(error),
    }
}

/// Fills what the records leave open from those that tell of the same sources.
fn completed(found: IncomeRecords, mut told: Vec<IncomeRecord>) -> IncomeRecords {
    let records = found.records.into_iter().map(|record| {
        let same = told.iter().position(|told| is_same_source(&record, told));
        match same {
            Some(index) => filled(record, told.swap_remove(index)),
            None => record,
        }
    });
    IncomeRecords {
        records: records.collect(),
        ..found
    }
}

/// Whether two records agree in all that both say, and in how much comes in.
fn is_same_source(one: &IncomeRecord, other: &IncomeRecord) -> bool {
    fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
        one.zip(other).is_none_or(|(one, other)| one == other)
    }
    let same_amount = [
        (one.amount, other.amount),
        (one.monthly_average, other.monthly_average),
    ]
    .iter()
    .any(|(one, other)| one.is_some() && one == other);
    same_amount
        && agree(one.kind.as_ref(), other.kind.as_ref())
        && agree(one.employer.as_ref(), other.employer.as_ref())
        && agree(one.amount.as_ref(), other.amount.as_ref())
        && agree(one.monthly_average.as_ref(), other.monthly_average.as_ref())
        && agree(one.frequency.as_ref(), other.frequency.as_ref())
        && agree(one.currency.as_ref(), other.currency.as_ref())
        && agree(one.first_date.as_ref(), other.first_date.as_ref())
        && agree(one.last_date.as_ref(), other.last_date.as_ref())
}

fn filled(record: IncomeRecord, told: IncomeRecord) -> IncomeRecord {
    IncomeRecord {
        kind: record.kind.or(told.kind),
        employer: record.employer.or(told.employer),
        amount: record.amount.or(told.amount),
        monthly_average: record.monthly_average.or(told.monthly_average),
        frequency: record.frequency.or(told.frequency),
        currency: record.currency.or(told.currency),
        first_date: record.first_date.or(told.first_date),
        last_date: record.last_date.or(told.last_date),
        stability: record.stability.or(told.stability),
    }
}

fn as_told(kept: Kept) -> IncomeRecord {
    IncomeRecord {
        kind: kept.kind,
        employer: kept.employer,
        amount: kept.amount,
        monthly_average: kept.monthly_average,
        frequency: kept.frequency,
        currency: kept.currency,
        first_date: kept.first_date,
        last_date: kept.last_date,
        stability: kept.stability,
    }
}
