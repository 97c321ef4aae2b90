//! What an account holds besides money, and what that brought.

use serde::{Deserialize, Serialize};

use crate::{MinorUnits, Timestamp};

/// Answer of `GET /api/accounts/{id}/assets`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct Assets {
    /// In Mono's order.
    pub assets: Vec<Asset>,
    /// How many rows made no sense and were left out.
    pub skipped: u32,
}

/// Something that an account holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Asset {
    /// For instance `Naira Fund`.
    pub name: Option<String>,
    /// For instance `FUND` or `EQUITY`; not a closed set.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What was paid for it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub cost: Option<MinorUnits>,
    /// What it has gained, or lost when negative.
    #[serde(rename = "return")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub gain: Option<MinorUnits>,
    /// How much of it; fractions are possible.
    pub quantity: Option<f64>,
    /// The row's currency, else the account's.
    pub currency: Option<String>,
    /// By which it is traded.
    pub symbol: Option<String>,
    /// What it is worth.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub current_balance: Option<MinorUnits>,
}

/// Answer of `GET /api/accounts/{id}/earnings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct Earnings {
    /// In Mono's order.
    pub earnings: Vec<Earning>,
    /// How many rows made no sense and were left out.
    pub skipped: u32,
}

/// What an asset brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Earning {
    /// Mono's id; null where it has none.
    pub id: Option<String>,
    /// In the currency's minor unit.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub amount: Option<MinorUnits>,
    /// Mono's own text.
    pub narration: Option<String>,
    /// When it came.
    #[cfg_attr(feature = "ts", tsify(type = "string | null"))]
    pub date: Option<Timestamp>,
    /// Of which asset.
    pub asset: EarningAsset,
}

/// The asset behind an earning, in short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct EarningAsset {
    /// For instance `Naira Fund`.
    pub name: Option<String>,
    /// By which it is traded.
    pub symbol: Option<String>,
}
