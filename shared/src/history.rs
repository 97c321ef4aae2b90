//! What came into an account, or went out of it, month by month.

use serde::{Deserialize, Serialize};

use crate::MinorUnits;

/// Answer of `GET /api/accounts/{id}/credits` and of `…/debits`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct History {
    /// All months together; null where Mono does not say.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub total: Option<MinorUnits>,
    /// The months, in Mono's order.
    pub history: Vec<Month>,
    /// How many months made no sense and were left out.
    pub skipped: u32,
}

/// One month of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Month {
    /// Which month, as Mono writes it: `01-20` is January 2020.
    pub period: String,
    /// In the currency's minor unit.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub amount: MinorUnits,
    /// How many transactions; null where Mono does not say.
    #[cfg_attr(feature = "ts", tsify(type = "number | null"))]
    pub transaction_count: Option<u64>,
}
