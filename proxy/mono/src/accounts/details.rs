//! Reads an account's details, from all three places that they come in: inside `data`, bare with
//! an `account` inside, and bare altogether.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{AccountDetails, AccountNumber, Institution};
use crate::error::Error;
use crate::id::AccountId;
use crate::wire::{self, Field, Lenient, Money, Object, Text};

const UNREADABLE: &str = "the account's details cannot be read";
const NO_ACCOUNT: &str = "the answer holds no account";

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default, borrow)]
    data: Field<&'a RawValue>,
    #[serde(default)]
    meta: Lenient<Object<Meta>>,
}

/// The level that `account`, `customer` and `meta` stand on.
#[derive(Deserialize)]
struct Level<'a> {
    #[serde(default, borrow)]
    account: Field<&'a RawValue>,
    #[serde(default)]
    customer: Lenient<Customer>,
    #[serde(default)]
    meta: Lenient<Object<Meta>>,
}

#[derive(Deserialize, Default)]
struct AccountWire {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    account_number: Text,
    #[serde(default, rename = "accountNumber")]
    camel_account_number: Text,
    #[serde(default)]
    currency: Text,
    #[serde(default)]
    balance: Option<Money>,
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    institution: Lenient<Object<BankWire>>,
    #[serde(default)]
    auth_method: Text,
    #[serde(default, rename = "authMethod")]
    camel_auth_method: Text,
}

/// The bank of an account.
#[derive(Debug, Deserialize, Default)]
pub(crate) struct BankWire {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    bank_code: Text,
    #[serde(default, rename = "bankCode")]
    camel_bank_code: Text,
    #[serde(default, rename = "type")]
    kind: Text,
}

/// Whose account it is: an id, or an object that has one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Customer {
    Id(String),
    Object(Object<CustomerWire>),
}

#[derive(Debug, Deserialize)]
pub(crate) struct CustomerWire {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
}

#[derive(Deserialize, Default)]
struct Meta {
    #[serde(default)]
    data_status: Text,
    #[serde(default)]
    auth_method: Text,
    #[serde(default)]
    retrieved_data: Lenient<Vec<Text>>,
    #[serde(default, rename = "ref")]
    reference: Text,
    #[serde(default)]
    data_request_id: Text,
}

pub(super) fn read(body: &[u8], asked: &AccountId) -> Result<AccountDetails, Error> {
    let envelope: Envelope<'_> = wire::read(body, UNREADABLE)?;
    let level_json = match envelope.data {
        Field::Present(data) => data.get().as_bytes(),
        Field::Null => return Err(Error::NoData),
        Field::Absent => body,
    };
    let level: Level<'_> = wire::read(level_json, UNREADABLE)?;
    let account = match level.account {
        Field::Present(account) => wire::read(account.get().as_bytes(), UNREADABLE)?,
        Field::Null => AccountWire::default(),
        Field::Absent => wire::read(level_json, UNREADABLE)?,
    };
    let Object(meta) = level
        .meta
        .into_option()
        .or(envelope.meta.into_option())
        .unwrap_or_default();
    assemble(account, level.customer.into_option(), meta, asked)
}

fn assemble(
    account: AccountWire,
    customer: Option<Customer>,
    meta: Meta,
    asked: &AccountId,
) -> Result<AccountDetails, Error> {
    let data_status = meta.data_status.into_option();
    let id = match account.id.or(account.underscore_id).into_option() {
        Some(id) => AccountId::try_from(id).map_err(|_| Error::Malformed {
            what: "the id is none",
        })?,
        // Before anything is fetched there may be a status and nothing else.
        None if data_status.is_some() => asked.clone(),
        None => return Err(Error::Malformed { what: NO_ACCOUNT }),
    };
    if id != *asked {
        tracing::warn!("Mono's answer names another account id than the one asked for");
    }
    let Object(bank) = account.institution.into_option().unwrap_or_default();
    let number = account
        .account_number
        .or(account.camel_account_number)
        .into_option();
    let auth_method = meta
        .auth_method
        .or(account.auth_method)
        .or(account.camel_auth_method);
    Ok(AccountDetails {
        id,
        name: account.name.into_option(),
        account_number: number.map(AccountNumber::new),
        currency: account.currency.into_option(),
        balance: account.balance.map(|Money(balance)| balance),
        account_type: account.kind.into_option(),
        institution: bank.into(),
        data_status,
        retrieved_data: meta.retrieved_data.into_words().unwrap_or_default(),
        auth_method: auth_method.into_option(),
        reference: meta.reference.into_option(),
        customer_id: customer.and_then(Customer::into_id),
        data_request_id: meta.data_request_id.into_option(),
    })
}

impl From<BankWire> for Institution {
    fn from(bank: BankWire) -> Self {
        Self {
            name: bank.name.into_option(),
            bank_code: bank.bank_code.or(bank.camel_bank_code).into_option(),
            kind: bank.kind.into_option(),
        }
    }
}

impl Customer {
    pub(crate) fn into_id(self) -> Option<String> {
        match self {
            Self::Id(id) => Some(id),
            Self::Object(Object(wire)) => wire.id.or(wire.underscore_id).into_option(),
        }
    }
}
