//! Income: what the salaries in Mono's copy of the transactions add up to.

use serde_json::{Value, json};

use super::events::Due;
use super::ledger::Entry;
use super::webhook::Event;
use super::{LinkedAccount, Refusal, World};
use crate::clock::{iso, later};

/// The salaries of an account.
#[derive(Debug)]
pub(crate) struct Income {
    pub(crate) employer: &'static str,
    pub(crate) total: i64,
    pub(crate) monthly_average: i64,
    months: usize,
    first: String,
    last: String,
    last_amount: i64,
    last_description: String,
}

impl World {
    /// Starts the analysis; its result is a webhook.
    pub(crate) fn start_income(&mut self, id: &str) -> Result<(), Refusal> {
        self.account(id)?;
        let at = later(self.now(), self.settings.processing_time);
        self.agenda.add(
            at,
            Due::IncomeDone {
                account: id.to_owned(),
            },
        );
        Ok(())
    }

    /// The analysis has come to its end.
    pub(crate) fn finish_income(&mut self, id: &str) {
        if let Ok(account) = self.account_mut(id) {
            account.income_analysed = true;
        }
        self.emit(id, &Event::IncomeReady);
    }

    /// What the copied transactions say; absent without a salary.
    pub(crate) fn income(&self, account: &LinkedAccount) -> Option<Income> {
        let salaries: Vec<&Entry> = self
            .entries(account)
            .iter()
            .filter(|e| e.category == Some("salary"))
            .collect();
        let (first, last) = (salaries.first()?, salaries.last()?);
        let total: i64 = salaries.iter().map(|salary| salary.amount).sum();
        let months = salaries.len();
        let monthly_average = i64::try_from(months).map_or(0, |months| total / months);
        Some(Income {
            employer: "LAGOON TECHNOLOGIES LTD",
            total,
            monthly_average,
            months,
            first: iso(first.at),
            last: iso(last.at),
            last_amount: last.amount,
            last_description: last.narration.clone(),
        })
    }

    /// The streams, none or one; none before an analysis has come to its end.
    pub(crate) fn income_streams(&self, account: &LinkedAccount) -> Vec<Value> {
        let income = self.income(account).filter(|_| account.income_analysed);
        let stream = income.map(|income| {
            json!({
                "income_type": "SALARY",
                "frequency": "MONTHLY",
                "monthly_average": income.monthly_average,
                "average_income_amount": income.monthly_average,
                "currency": self.bank_account(account).currency,
                "stability": 0.9,
                "first_income_date": income.first,
                "last_income_date": income.last,
                "last_income_amount": income.last_amount,
                "last_income_description": income.last_description,
                "periods_with_income": income.months,
                "number_of_incomes": income.months,
                "number_of_months": 12,
            })
        });
        stream.into_iter().collect()
    }

    /// `data` of `mono.events.account_income`; here `account` is a string.
    pub(crate) fn income_data(&self, account: &LinkedAccount) -> Value {
        let bank = self.bank_account(account);
        let income = self.income(account);
        let average = income.as_ref().map_or(0, |income| income.monthly_average);
        json!({
            "account": account.id,
            "account_name": bank.name,
            "account_number": bank.number,
            "income_summary": {
                "total_income": income.as_ref().map_or(0, |income| income.total),
                "employer": income.as_ref().map(|income| income.employer),
            },
            "income_streams": self.income_streams(account),
            "annual_income": average.saturating_mul(12),
            "monthly_income": average,
            "aggregated_monthly_average": average,
            "aggregated_monthly_average_regular": average,
            "aggregated_monthly_average_irregular": 0,
        })
    }
}
