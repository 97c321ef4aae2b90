//! Reads the data of a known event: which account or job it is about, and what it says of it.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::model::{Kind, Profile, SyncStatus};
use super::name::Name;
use crate::accounts::{AccountNumber, BankWire, Customer};
use crate::id::{AccountId, JobId};
use crate::jobs::JobStatus;
use crate::wire::{self, Field, Flag, Lenient, Moment, Money, Object, Text};

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(default, borrow)]
    account: Field<&'a RawValue>,
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(default)]
    customer: Lenient<Customer>,
    #[serde(default)]
    meta: Lenient<Object<Meta>>,
    #[serde(default)]
    name: Lenient<Text>,
    #[serde(default)]
    status: Lenient<Text>,
    #[serde(default)]
    job_status: Lenient<Text>,
    #[serde(default, rename = "jobStatus")]
    camel_job_status: Lenient<Text>,
    #[serde(default)]
    reauth_required: Flag,
    #[serde(default, rename = "reauthRequired")]
    camel_reauth_required: Flag,
}

#[derive(Default, Deserialize)]
struct AccountWire {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(default)]
    name: Lenient<Text>,
    #[serde(default)]
    account_number: Lenient<Text>,
    #[serde(default, rename = "accountNumber")]
    camel_account_number: Lenient<Text>,
    #[serde(default)]
    currency: Lenient<Text>,
    #[serde(default)]
    balance: Lenient<Money>,
    #[serde(default, rename = "type")]
    kind: Lenient<Text>,
    #[serde(default)]
    institution: Lenient<Object<BankWire>>,
    #[serde(default)]
    updated_at: Lenient<Moment>,
    #[serde(default, rename = "updatedAt")]
    camel_updated_at: Lenient<Moment>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    data_status: Lenient<Text>,
    #[serde(default, rename = "dataStatus")]
    camel_data_status: Lenient<Text>,
    #[serde(default)]
    retrieved_data: Lenient<Vec<Text>>,
    #[serde(default, rename = "retrievedData")]
    camel_retrieved_data: Lenient<Vec<Text>>,
    #[serde(default)]
    sync_status: Lenient<Text>,
    #[serde(default, rename = "syncStatus")]
    camel_sync_status: Lenient<Text>,
    #[serde(default)]
    has_new_data: Flag,
    #[serde(default, rename = "hasNewData")]
    camel_has_new_data: Flag,
    #[serde(default)]
    job_id: Lenient<Text>,
    #[serde(default, rename = "jobId")]
    camel_job_id: Lenient<Text>,
    #[serde(default, rename = "ref")]
    reference: Lenient<Text>,
}

/// Where data makes no sense, by keys of ours.
type Place = String;

pub(super) fn read(name: Name, json: Option<&RawValue>) -> Result<Kind, Place> {
    let json = json.ok_or("data")?;
    let data: Data<'_> = object(json, "data")?;
    Ok(match name {
        Name::AccountConnected => account_connected(data)?,
        Name::AccountUpdated => account_updated(data)?,
        Name::JobUpdate => job_update(data)?,
        Name::AccountReauthorised => Kind::AccountReauthorised {
            account: data.account()?.0,
        },
        Name::ReauthorisationRequired => Kind::ReauthorisationRequired {
            account: data.account()?.0,
        },
        Name::SyncFailed => Kind::SyncFailed {
            account: data.account()?.0,
        },
        Name::AccountUnlinked => Kind::AccountUnlinked {
            account: data.account()?.0,
        },
        Name::AccountIncome => Kind::AccountIncome {
            account: data.account()?.0,
            found: crate::income::told(json.get().as_bytes()),
        },
    })
}

/// The account that data names, as far as can be told without knowing what event it is.
pub(super) fn account(json: Option<&RawValue>) -> Option<AccountId> {
    let data: Data<'_> = serde_json::from_str::<Object<_>>(json?.get()).ok()?.0;
    data.subject().ok()?.id
}

/// The reference that data names (`meta.ref`), whatever else it makes sense of.
pub(super) fn reference(json: Option<&RawValue>) -> Option<String> {
    let data: Data<'_> = serde_json::from_str::<Object<_>>(json?.get()).ok()?.0;
    text(data.meta.into_option()?.0.reference)
}

fn account_connected(data: Data<'_>) -> Result<Kind, Place> {
    let (account, _) = data.account()?;
    let Object(meta) = data.meta.into_option().unwrap_or_default();
    Ok(Kind::AccountConnected {
        account,
        data_status: word(meta.data_status, meta.camel_data_status),
        reference: text(meta.reference),
        customer: data.customer.into_option().and_then(Customer::into_id),
    })
}

fn account_updated(data: Data<'_>) -> Result<Kind, Place> {
    let (account, wire) = data.account()?;
    let Object(meta) = data.meta.into_option().unwrap_or_default();
    let updated_at = wire
        .updated_at
        .into_option()
        .or(wire.camel_updated_at.into_option());
    let number = word(wire.account_number, wire.camel_account_number);
    let Object(bank) = wire.institution.into_option().unwrap_or_default();
    let job = word(meta.job_id, meta.camel_job_id);
    Ok(Kind::AccountUpdated {
        account,
        details: Box::new(Profile {
            name: text(wire.name),
            account_number: number.map(AccountNumber::new),
            balance: wire.balance.into_option().map(|Money(balance)| balance),
            currency: text(wire.currency),
            account_type: text(wire.kind),
            institution: bank.into(),
        }),
        data_status: word(meta.data_status, meta.camel_data_status),
        retrieved_data: meta
            .retrieved_data
            .into_words()
            .or(meta.camel_retrieved_data.into_words()),
        sync_status: word(meta.sync_status, meta.camel_sync_status).map(SyncStatus::of_word),
        has_new_data: meta.has_new_data.or(meta.camel_has_new_data).into_option(),
        job: job.and_then(|job| JobId::try_from(job).ok()),
        reference: text(meta.reference),
        updated_at: updated_at.map(|Moment(moment)| moment),
    })
}

fn job_update(data: Data<'_>) -> Result<Kind, Place> {
    // Here `data.id` is the job's: only `data.account` can name the account.
    let account = data.subject().ok().and_then(|subject| subject.id);
    let job = one_id(data.id, data.underscore_id, "data.id")?
        .and_then(|job| JobId::try_from(job).ok())
        .ok_or("data.id")?;
    let word = word(data.status, data.job_status)
        .or_else(|| text(data.camel_job_status))
        .ok_or("data.status")?;
    let (status, said_by_status) = JobStatus::of_word(word);
    Ok(Kind::JobUpdate {
        job,
        account,
        name: text(data.name),
        status,
        reauth_required: data
            .reauth_required
            .or(data.camel_reauth_required)
            .into_option()
            .or(said_by_status),
    })
}

/// What `data.account` holds.
#[derive(Default)]
struct Subject {
    id: Option<AccountId>,
    wire: AccountWire,
}

impl Data<'_> {
    /// The account that the event is about, with what stands beside its id.
    fn account(&self) -> Result<(AccountId, AccountWire), Place> {
        let Subject { id, wire } = self.subject()?;
        if let Some(id) = id {
            return Ok((id, wire));
        }
        let id = one_id(self.id.clone(), self.underscore_id.clone(), "data.id")?;
        let id = id.ok_or("data.account.id")?;
        Ok((account_id(id, "data.id")?, wire))
    }

    /// What `data.account` holds: an id, or an object that should have one.
    fn subject(&self) -> Result<Subject, Place> {
        let Field::Present(json) = self.account else {
            return Ok(Subject::default());
        };
        if !json.get().starts_with('{') {
            let id: Text = serde_json::from_str(json.get()).map_err(|_| "data.account")?;
            let id = account_id(id.into_option().ok_or("data.account")?, "data.account")?;
            return Ok(Subject {
                id: Some(id),
                wire: AccountWire::default(),
            });
        }
        let mut wire: AccountWire = object(json, "data.account")?;
        let id = one_id(
            std::mem::take(&mut wire.id),
            std::mem::take(&mut wire.underscore_id),
            "data.account.id",
        )?;
        let id = id.map(|id| account_id(id, "data.account.id")).transpose()?;
        Ok(Subject { id, wire })
    }
}

fn account_id(id: String, place: &'static str) -> Result<AccountId, &'static str> {
    AccountId::try_from(id).map_err(|_| place)
}

/// The id under either key; two that differ are none.
fn one_id(
    id: Text,
    underscore_id: Text,
    place: &'static str,
) -> Result<Option<String>, &'static str> {
    match (id.into_option(), underscore_id.into_option()) {
        (Some(id), Some(other)) if id != other => Err(place),
        (id, other) => Ok(id.or(other)),
    }
}

fn object<'de, T: Deserialize<'de>>(json: &'de RawValue, place: &str) -> Result<T, Place> {
    serde_json::from_str::<Object<T>>(json.get())
        .map(|Object(object)| object)
        .map_err(|_| {
            let inner = wire::unreadable_path::<Object<T>>(json.get().as_bytes());
            format!("{place}.{inner}")
        })
}

/// A text that says something.
fn text(text: Lenient<Text>) -> Option<String> {
    text.into_option()
        .and_then(Text::into_option)
        .filter(|text| !text.is_empty())
}

/// The text under either spelling of a key.
fn word(snake: Lenient<Text>, camel: Lenient<Text>) -> Option<String> {
    text(snake).or_else(|| text(camel))
}
