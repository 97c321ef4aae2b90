//! What an account's holder earns, as Mono works it out from the transactions.

use serde::{Deserialize, Serialize};

use crate::MinorUnits;

/// Answer of `GET /api/accounts/{id}/income`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct Income {
    /// Whether Mono's analysis is over.
    pub status: IncomeStatus,
    /// One for each source of income; none before the analysis is over.
    pub records: Vec<IncomeRecord>,
    /// How many records made no sense and were left out.
    pub skipped: u32,
}

impl Income {
    /// Nothing yet.
    pub const fn processing() -> Self {
        Self {
            status: IncomeStatus::Processing,
            records: Vec::new(),
            skipped: 0,
        }
    }
}

/// How far Mono's analysis of an account's income has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub enum IncomeStatus {
    /// It goes on: ask again later.
    Processing,
    /// It is over: no records means no income.
    Ready,
}

/// One source of income.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct IncomeRecord {
    /// For instance `SALARY` or `WAGES`; not a closed set.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Who pays, where Mono tells it.
    pub employer: Option<String>,
    /// What is paid at a time, on average.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub amount: Option<MinorUnits>,
    /// What comes in a month, on average.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub monthly_average: Option<MinorUnits>,
    /// For instance `MONTHLY` or `VARIABLE`; not a closed set.
    pub frequency: Option<String>,
    /// The record's currency, else the account's.
    pub currency: Option<String>,
    /// When it was paid first, `YYYY-MM-DD`.
    pub first_date: Option<String>,
    /// When it was paid last, `YYYY-MM-DD`.
    pub last_date: Option<String>,
    /// How regular it is, from 0 to 1.
    pub stability: Option<f64>,
}
