//! An account's statement: its rows for some months, and the same as a PDF.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::JobId;
use crate::open_enum::open_enum;
use crate::openapi::schema;
use crate::transaction::{Freshness, Transaction};

/// How many months back a statement reaches: `last1month` to `last12months`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[cfg_attr(
    feature = "ts",
    tsify(type = "\"last1month\" | `last${2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}months`")
)]
pub struct Period(u8);

/// A text that is no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be last1month or last2months to last12months")]
pub struct InvalidPeriod;

impl Period {
    /// The last so many months, 1 to 12.
    pub const fn months(months: u8) -> Option<Self> {
        match months {
            1..=12 => Some(Self(months)),
            _ => None,
        }
    }

    /// How many months, 1 to 12.
    pub const fn as_months(self) -> u8 {
        self.0
    }
}

impl Default for Period {
    /// Half a year.
    fn default() -> Self {
        Self(6)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(formatter, "last{}month{plural}", self.0)
    }
}

impl FromStr for Period {
    type Err = InvalidPeriod;

    /// Only the words themselves: `last01months` means nothing to Mono.
    fn from_str(text: &str) -> Result<Self, InvalidPeriod> {
        (1..=12)
            .map(Self)
            .find(|period| period.to_string() == text)
            .ok_or(InvalidPeriod)
    }
}

impl TryFrom<String> for Period {
    type Error = InvalidPeriod;

    fn try_from(text: String) -> Result<Self, InvalidPeriod> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

schema!(Period, {
    let words = (1..=12).map(|months| Period(months).to_string());
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::Type::String)
        .description(Some("How many months back a statement reaches."))
        .enum_values(Some(words))
        .into()
});

/// An account's rows for some months, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Statement {
    /// How many rows Mono says there are; how many came where it does not say.
    #[cfg_attr(feature = "ts", tsify(type = "number"))]
    pub count: u64,
    /// The rows.
    pub transactions: Vec<Transaction>,
    /// How many days were asked for; null where Mono does not say.
    pub requested_days: Option<u32>,
    /// How many days the bank has; null where Mono does not say.
    pub available_days: Option<u32>,
    /// How many rows made no sense and were left out.
    pub skipped: u32,
    /// Where they came from.
    pub freshness: Freshness,
}

/// Body of `POST /api/accounts/{id}/statement-pdfs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct StatementPdfRequest {
    /// How far back.
    pub period: Period,
}

open_enum! {
    /// How far Mono has come with a PDF.
    pub enum PdfStatus (to_ascii_lowercase) {
        /// Still at work.
        Building = "building",
        /// It can be fetched.
        Ready = "ready",
    }
}

/// A statement as a PDF, which Mono builds in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct StatementPdf {
    /// Names it when asking again.
    pub job_id: JobId,
    /// How far Mono has come with it.
    pub status: PdfStatus,
    /// Where the file is, once it is ready. Whoever has this address can read the statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub url: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twelve_periods_are_read_and_written_and_nothing_else() {
        for months in 1..=12_u8 {
            let period = Period::months(months).unwrap();
            let word = period.to_string();
            assert_eq!(word.parse(), Ok(period));
            assert_eq!(
                serde_json::to_string(&period).unwrap(),
                format!("\"{word}\"")
            );
        }
        assert_eq!(Period::months(1).unwrap().to_string(), "last1month");
        assert_eq!(Period::months(6).unwrap().to_string(), "last6months");
        assert_eq!((Period::months(0), Period::months(13)), (None, None));
        for wrong in [
            "",
            "last0months",
            "last1months",
            "last6month",
            "last06months",
            "last13months",
            "LAST6MONTHS",
            "last6months ",
            "6",
            "last-1months",
            "last6months&output=pdf",
        ] {
            assert_eq!(wrong.parse::<Period>(), Err(InvalidPeriod), "{wrong:?}");
        }
    }
}
