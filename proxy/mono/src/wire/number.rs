//! Numbers that are worked out, and may therefore have fractions.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// A finite number, also as its text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

/// An amount in the currency's minor unit that is worked out, such as an average or a gain: half a
/// kobo is rounded. What was really paid is [`Money`](super::Money).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Estimate(pub(crate) i64);

/// Up to here a float tells a whole number from its neighbours.
const LARGEST: f64 = 9_007_199_254_740_991.0;

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

impl<'de> Deserialize<'de> for Estimate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Number(number) = Number::deserialize(deserializer)?;
        if number.abs() > LARGEST {
            return Err(Error::invalid_value(
                Unexpected::Float(number),
                &"an amount in minor units",
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "rounded and far below 2^63, see above"
        )]
        let rounded = number.round() as i64;
        Ok(Self(rounded))
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "whoever needs more digits reads Money"
    )]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "whoever needs more digits reads Money"
    )]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
        Ok(Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Number, E> {
        value
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .map(Number)
            .ok_or_else(|| E::invalid_value(Unexpected::Other("a text"), &self))
    }
}
