//! The calls for assets and earnings.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Asset, Assets, Earning, Earnings};
use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::transport::{Call, Route};
use crate::wire::{self, Estimate, Field, Lenient, ListOr, Moment, Number, Object, Rows, Text};

const NO_ASSETS: &str = "the assets cannot be read";
const NO_EARNINGS: &str = "the earnings cannot be read";

impl Client {
    /// Reads what an account holds besides money, `None` when Mono answers without data.
    pub async fn assets(&self, id: &AccountId) -> Result<Option<Assets>, Error> {
        let body = self.transport.send(Call::new(Route::Assets(id))).await?;
        read_assets(&body)
    }

    /// Reads what an account's assets brought, `None` when Mono answers without data.
    pub async fn earnings(&self, id: &AccountId) -> Result<Option<Earnings>, Error> {
        let body = self.transport.send(Call::new(Route::Earnings(id))).await?;
        read_earnings(&body)
    }
}

pub(super) fn read_assets(body: &[u8]) -> Result<Option<Assets>, Error> {
    let Some(rows) = rows::<AssetRow>(body, NO_ASSETS)? else {
        return Ok(None);
    };
    let (rows, skipped) = rows.finish(NO_ASSETS)?;
    Ok(Some(Assets {
        rows: rows.into_iter().map(Asset::from).collect(),
        skipped,
    }))
}

pub(super) fn read_earnings(body: &[u8]) -> Result<Option<Earnings>, Error> {
    let Some(rows) = rows::<EarningRow>(body, NO_EARNINGS)? else {
        return Ok(None);
    };
    let (rows, skipped) = rows.finish(NO_EARNINGS)?;
    Ok(Some(Earnings {
        rows: rows.into_iter().map(Earning::from).collect(),
        skipped,
    }))
}

/// What holds a list: the envelope, or what is in it.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Level<'a, T> {
    #[serde(default, borrow)]
    data: Field<&'a RawValue>,
    #[serde(default)]
    assets: Field<Rows<T>>,
    #[serde(default)]
    asset: Field<Rows<T>>,
    #[serde(default)]
    earnings: Field<Rows<T>>,
}

/// The rows of an answer, wherever they stand; `None` when there is no data.
fn rows<T: DeserializeOwned>(body: &[u8], what: &'static str) -> Result<Option<Rows<T>>, Error> {
    let mut level: Level<'_, T> = match wire::read_value(body, what)? {
        ListOr::List(rows) => return Ok(Some(rows)),
        ListOr::Holder(Object(level)) => level,
    };
    let is_inside = matches!(level.data, Field::Present(_));
    match level.data {
        Field::Present(data) => match wire::read_value(data.get().as_bytes(), what)? {
            ListOr::List(rows) => return Ok(Some(rows)),
            ListOr::Holder(Object(inner)) => level = inner,
        },
        Field::Null => return Ok(None),
        Field::Absent => {}
    }
    for rows in [level.assets, level.asset, level.earnings] {
        match rows {
            Field::Present(rows) => return Ok(Some(rows)),
            Field::Null => return Ok(None),
            Field::Absent => {}
        }
    }
    if is_inside {
        // An object without its list is as empty as none.
        return Ok(None);
    }
    Err(Error::Malformed { what })
}

#[derive(Deserialize)]
struct AssetRow {
    #[serde(default)]
    name: Text,
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    cost: Option<Estimate>,
    #[serde(default, rename = "return")]
    gain: Option<Estimate>,
    #[serde(default)]
    quantity: Option<Number>,
    #[serde(default)]
    currency: Text,
    #[serde(default)]
    details: Lenient<Object<AssetDetails>>,
}

#[derive(Default, Deserialize)]
struct AssetDetails {
    #[serde(default)]
    symbol: Text,
    #[serde(default)]
    current_balance: Option<Estimate>,
}

impl From<AssetRow> for Asset {
    fn from(row: AssetRow) -> Self {
        let Object(details) = row.details.into_option().unwrap_or_default();
        Self {
            name: row.name.into_words(),
            kind: row.kind.into_words(),
            cost: row.cost.map(|Estimate(amount)| amount),
            gain: row.gain.map(|Estimate(amount)| amount),
            quantity: row.quantity.map(|Number(quantity)| quantity),
            currency: row.currency.into_words(),
            symbol: details.symbol.into_words(),
            current_balance: details.current_balance.map(|Estimate(amount)| amount),
        }
    }
}

#[derive(Deserialize)]
struct EarningRow {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(default)]
    amount: Option<Estimate>,
    #[serde(default)]
    narration: Text,
    #[serde(default)]
    date: Option<Moment>,
    #[serde(default)]
    asset: Lenient<Object<EarningAsset>>,
}

#[derive(Default, Deserialize)]
struct EarningAsset {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    symbol: Text,
}

impl From<EarningRow> for Earning {
    fn from(row: EarningRow) -> Self {
        let Object(asset) = row.asset.into_option().unwrap_or_default();
        Self {
            id: row.id.or(row.underscore_id).into_words(),
            amount: row.amount.map(|Estimate(amount)| amount),
            narration: row.narration.into_words(),
            date: row.date.map(|Moment(moment)| moment),
            asset_name: asset.name.into_words(),
            asset_symbol: asset.symbol.into_words(),
        }
    }
}
