//! Reads the answer to a question for the balance.

use serde::Deserialize;

use super::Balance;
use crate::error::Error;
use crate::wire::{self, Field, Money, Object, Text};

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Field<Object<Wire>>,
    #[serde(default)]
    balance: Field<Money>,
    #[serde(default)]
    currency: Text,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    balance: Field<Money>,
    #[serde(default)]
    currency: Text,
}

pub(crate) fn read(body: &[u8]) -> Result<Option<Balance>, Error> {
    let answer: Answer = wire::read(body, "the balance cannot be read")?;
    let (balance, currency) = match answer.data {
        Field::Present(Object(data)) => (data.balance, data.currency),
        Field::Null => return Ok(None),
        Field::Absent if answer.balance == Field::Absent => {
            return Err(Error::Malformed {
                what: "the answer holds no balance",
            });
        }
        Field::Absent => (answer.balance, answer.currency),
    };
    let balance = match balance {
        Field::Present(Money(balance)) => Some(balance),
        Field::Null => None,
        // An empty payload is how Mono says that it has not fetched anything yet.
        Field::Absent => return Ok(None),
    };
    Ok(Some(Balance {
        balance,
        currency: currency.into_option(),
    }))
}
