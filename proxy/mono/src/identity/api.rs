//! The call for the holder of an account.

use serde::Deserialize;

use super::Identity;
use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::transport::{Call, Route};
use crate::wire::{self, Field, Object, Text, day};

impl Client {
    /// Reads who owns an account, `None` when Mono answers with nothing: not every bank tells.
    pub async fn identity(&self, id: &AccountId) -> Result<Option<Identity>, Error> {
        let body = self.transport.send(Call::new(Route::Identity(id))).await?;
        read(&body)
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Field<Object<Wire>>,
}

#[derive(Default, Deserialize)]
struct Wire {
    #[serde(default)]
    full_name: Text,
    #[serde(default, rename = "fullName")]
    camel_full_name: Text,
    #[serde(default, rename = "firstName")]
    first_name: Text,
    #[serde(default, rename = "middleName")]
    middle_name: Text,
    #[serde(default, rename = "lastName")]
    last_name: Text,
    #[serde(default)]
    email: Text,
    #[serde(default)]
    phone: Text,
    #[serde(default)]
    gender: Text,
    #[serde(default)]
    dob: Text,
    #[serde(default)]
    bvn: Text,
    #[serde(default)]
    address_line1: Text,
    #[serde(default, rename = "address_line_1")]
    address_line_1: Text,
    #[serde(default, rename = "addressLine1")]
    camel_address_line1: Text,
    #[serde(default)]
    address_line2: Text,
    #[serde(default, rename = "address_line_2")]
    address_line_2: Text,
    #[serde(default, rename = "addressLine2")]
    camel_address_line2: Text,
    #[serde(default)]
    marital_status: Text,
    #[serde(default, rename = "maritalStatus")]
    camel_marital_status: Text,
}

pub(super) fn read(body: &[u8]) -> Result<Option<Identity>, Error> {
    const UNREADABLE: &str = "the identity cannot be read";
    let answer: Answer = wire::read(body, UNREADABLE)?;
    let wire = match answer.data {
        Field::Present(Object(wire)) => wire,
        Field::Null => return Ok(None),
        Field::Absent => wire::read(body, UNREADABLE)?,
    };
    let identity = Identity::from(wire);
    // An answer without anything in it says that nothing is known.
    Ok((identity != Identity::default()).then_some(identity))
}

impl From<Wire> for Identity {
    fn from(wire: Wire) -> Self {
        let full_name = wire.full_name.or(wire.camel_full_name).into_words();
        let names = [wire.first_name, wire.middle_name, wire.last_name];
        let lines = [
            wire.address_line1
                .or(wire.address_line_1)
                .or(wire.camel_address_line1),
            wire.address_line2
                .or(wire.address_line_2)
                .or(wire.camel_address_line2),
        ];
        Self {
            full_name: full_name.or_else(|| join(names, " ")),
            email: wire.email.into_words(),
            phone: wire.phone.into_words(),
            gender: wire.gender.into_words(),
            date_of_birth: wire.dob.into_words().map(day),
            bvn_last4: wire.bvn.into_words().map(|bvn| last4(&bvn)),
            address: join(lines, ", "),
            marital_status: wire
                .marital_status
                .or(wire.camel_marital_status)
                .into_words(),
        }
    }
}

fn join<const N: usize>(parts: [Text; N], between: &str) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().filter_map(Text::into_words).collect();
    (!parts.is_empty()).then(|| parts.join(between))
}

/// Where Mono has cut the number itself, that is all there is.
fn last4(bvn: &str) -> String {
    let start = bvn
        .char_indices()
        .rev()
        .nth(3)
        .map_or(0, |(start, _)| start);
    bvn[start..].to_owned()
}
