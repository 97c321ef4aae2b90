//! Assets and earnings.

use std::fmt;

use jiff::Timestamp;

/// What an account holds besides money.
#[derive(Debug, Clone, PartialEq)]
pub struct Assets {
    /// In Mono's order.
    pub rows: Vec<Asset>,
    /// How many rows could not be read.
    pub skipped: usize,
}

/// Something that an account holds. `Debug` shows no amounts.
#[derive(Clone, Default, PartialEq)]
pub struct Asset {
    /// For instance `Naira Fund`.
    pub name: Option<String>,
    /// `FUND`, `EQUITY` or as it came.
    pub kind: Option<String>,
    /// What was paid for it, in the currency's minor unit.
    pub cost: Option<i64>,
    /// What it gained, in the currency's minor unit.
    pub gain: Option<i64>,
    /// How much of it.
    pub quantity: Option<f64>,
    /// The currency, `NGN` or as it came.
    pub currency: Option<String>,
    /// By which it is traded.
    pub symbol: Option<String>,
    /// What it is worth, in the currency's minor unit.
    pub current_balance: Option<i64>,
}

impl fmt::Debug for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asset")
            .field("kind", &self.kind)
            .field("currency", &self.currency)
            .finish_non_exhaustive()
    }
}

/// What an account's assets brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earnings {
    /// In Mono's order.
    pub rows: Vec<Earning>,
    /// How many rows could not be read.
    pub skipped: usize,
}

/// What an asset brought. `Debug` shows neither the text nor the amount.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Earning {
    /// Mono's id of the row.
    pub id: Option<String>,
    /// In the currency's minor unit.
    pub amount: Option<i64>,
    /// What it was.
    pub narration: Option<String>,
    /// When it came.
    pub date: Option<Timestamp>,
    /// The asset's name.
    pub asset_name: Option<String>,
    /// By which the asset is traded.
    pub asset_symbol: Option<String>,
}

impl fmt::Debug for Earning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Earning")
            .field("id", &self.id)
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}
