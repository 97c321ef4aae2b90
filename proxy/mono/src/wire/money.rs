//! Amounts of money in the smallest unit of their currency.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// A whole number of kobo (pesewa, cents), exactly as it was sent.
///
/// Mono sends integers. A float that is whole and an integer inside a string are understood too;
/// anything else is refused rather than rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Money(pub(crate) i64);

/// Up to here a float tells a whole number from its neighbours with room to spare for the error
/// of parsing it. It is 87 billion naira.
const LARGEST_FLOAT: f64 = 8_796_093_022_208.0;

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MoneyVisitor)
    }
}

struct MoneyVisitor;

impl Visitor<'_> for MoneyVisitor {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount in whole minor units")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Money, E> {
        Ok(Money(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Money, E> {
        i64::try_from(value)
            .map(Money)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Money, E> {
        if value.fract() != 0.0 || value.abs() > LARGEST_FLOAT {
            return Err(E::invalid_value(Unexpected::Float(value), &self));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole and far below 2^63, see above"
        )]
        let whole = value as i64;
        Ok(Money(whole))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Money, E> {
        value
            .parse()
            .map(Money)
            .map_err(|_| E::invalid_value(Unexpected::Other("a text"), &self))
    }
}
