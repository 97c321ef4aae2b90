//! Applying what Mono says about an account.

use mono_connect_shared::Timestamp;
use mono_connect_shared::account::DataStatus;
use mono_connect_shared::lifecycle::{Fact, Linked, Observation, observe};
use mono_connect_store::{AccountRecord, Profile, Written};

use super::link_session::LINK_PREFIX;
use super::{Accounts, Error, view};

/// How often a write is tried again after somebody else wrote first. Each loss is somebody's win,
/// so many losses mean many writers, not a standstill.
const ATTEMPTS: usize = 16;

impl Accounts {
    /// Asks Mono for the account's details and applies them.
    pub(super) async fn refresh(&self, record: AccountRecord) -> Result<AccountRecord, Error> {
        // The answer is true at the latest moment for which we can vouch: when we asked.
        let asked_at = self.now();
        let details = self.mono().account(&view::mono_id(&record.id)?).await?;
        if details.id.as_str() != record.id.as_str() {
            let what = "it has another account's details";
            return Err(mono_client::Error::Malformed { what }.into());
        }
        if names_another_link(&record, details.reference.as_deref()) {
            self.remove(&record).await?;
            return Err(Error::ReferenceMismatch);
        }
        let record = self
            .change(record, |record| {
                Ok(with_details(record, &details, asked_at))
            })
            .await?;
        self.mark_duplicate(record).await
    }

    /// Asks Mono whether the account's data has come.
    pub async fn check_status(&self, record: AccountRecord) -> Result<(), Error> {
        match self.refresh(record).await {
            Ok(_) | Err(Error::ReferenceMismatch | Error::AccountNotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes an account, and tells its user's pages.
    pub(super) async fn remove(&self, record: &AccountRecord) -> Result<(), Error> {
        let last = self.message_of_end(record)?;
        let removed = self
            .store()
            .remove_account(&record.user, &record.id, self.now(), last.as_ref())
            .await?;
        self.erase_cached(&record.id);
        if removed {
            self.tell(&record.user);
            self.post();
        }
        Ok(())
    }

    /// Applies facts of Mono's, each with its time, and what it says of the account itself, unless
    /// something newer is known.
    pub(super) async fn observe(
        &self,
        record: AccountRecord,
        facts: &[(Fact, Timestamp)],
        profile: Option<(&mono_client::webhook::Profile, Timestamp)>,
    ) -> Result<AccountRecord, Error> {
        self.change(record, |mut record| {
            let known_at = record.state.as_linked().and_then(|linked| linked.data.at);
            for (fact, at) in facts {
                if let Observation::Advanced(state) = observe(&record.state, fact, *at) {
                    record.state = state;
                }
            }
            if let Some((told, at)) = profile
                && known_at.is_none_or(|known_at| known_at <= at)
            {
                view::merge_profile(&mut record.profile, told);
            }
            Ok(record)
        })
        .await
    }

    /// Changes an account in memory, then writes it; from the newest state if somebody else wrote
    /// first. What does not change is not written.
    pub(super) async fn change(
        &self,
        mut record: AccountRecord,
        change: impl Fn(AccountRecord) -> Result<AccountRecord, Error> + Send,
    ) -> Result<AccountRecord, Error> {
        for _ in 0..ATTEMPTS {
            let mut next = change(record.clone())?;
            if next == record {
                return Ok(record);
            }
            next.updated_at = self.now();
            let messages = self.messages_of(&record, &next)?;
            match self.store().update_account(&next, &messages).await? {
                Written::Version(version) => {
                    if !messages.is_empty() {
                        self.post();
                    }
                    if data_of(&record) != data_of(&next) {
                        self.forget_cached(&next.id);
                    }
                    self.tell(&next.user);
                    return Ok(AccountRecord { version, ..next });
                }
                Written::Conflict => record = self.find(&record.user, &record.id).await?,
                Written::Gone => return Err(Error::AccountNotFound),
            }
        }
        Err(Error::Broken("an account was written by others every time"))
    }

    /// The user's account, if it is theirs and still linked.
    pub(super) async fn find(
        &self,
        user: &mono_connect_shared::id::UserId,
        id: &mono_connect_shared::id::AccountId,
    ) -> Result<AccountRecord, Error> {
        self.store()
            .find_account(user, id)
            .await?
            .ok_or(Error::AccountNotFound)
    }

    /// Points to the user's earlier account that looks like the same bank account. Mono makes a new
    /// id every time a bank account is linked, and we keep no more of its number than four digits: a
    /// hint.
    async fn mark_duplicate(&self, record: AccountRecord) -> Result<AccountRecord, Error> {
        let is_known =
            record.profile.account_number_last4.is_some() && record.profile.name.is_some();
        if !is_known || record.duplicate_of.is_some() {
            return Ok(record);
        }
        let others = self.store().list_accounts(&record.user).await?;
        let earlier = others
            .into_iter()
            .take_while(|other| other.id != record.id)
            .find(|other| looks_the_same(&other.profile, &record.profile));
        let Some(earlier) = earlier else {
            return Ok(record);
        };
        self.change(record, |record| {
            Ok(AccountRecord {
                duplicate_of: Some(earlier.id.clone()),
                ..record
            })
        })
        .await
    }
}

/// How far Mono has come with the account's data.
fn data_of(record: &AccountRecord) -> Option<(&DataStatus, &[String])> {
    let data = &record.state.as_linked()?.data;
    Some((&data.status, &data.retrieved))
}

fn looks_the_same(one: &Profile, other: &Profile) -> bool {
    one.account_number_last4 == other.account_number_last4
        && one.institution.name == other.institution.name
        && one.institution.bank_code == other.institution.bank_code
        && one.name == other.name
        && one.currency == other.currency
}

/// Whether Mono says that the account came of another attempt than the one it was linked by. Only
/// references of ours count: a site may have given Mono others of its own.
fn names_another_link(record: &AccountRecord, reference: Option<&str>) -> bool {
    // Once confirmed it stays: a later login may leave a later reference. No event confirms it.
    let linked = record.state.as_linked();
    !linked.is_some_and(Linked::is_attempt_confirmed)
        && reference.is_some_and(|reference| {
            reference.starts_with(LINK_PREFIX) && reference != record.reference.as_str()
        })
}

fn with_details(
    mut record: AccountRecord,
    details: &mono_client::AccountDetails,
    asked_at: Timestamp,
) -> AccountRecord {
    let known_at = record.state.as_linked().and_then(|linked| linked.data.at);
    if known_at.is_none_or(|known_at| known_at <= asked_at) {
        record.profile = Profile {
            income: record.profile.income.take(),
            ..view::profile(details)
        };
    }
    if let Observation::Advanced(state) = observe(&record.state, &Fact::AttemptConfirmed, asked_at)
    {
        record.state = state;
    }
    // Without a status nothing is known of the data, and nothing is claimed.
    if let Some(status) = &details.data_status {
        let fact = Fact::Data {
            status: DataStatus::from(status.as_str()),
            retrieved: details.retrieved_data.clone(),
        };
        if let Observation::Advanced(state) = observe(&record.state, &fact, asked_at) {
            record.state = state;
        }
    }
    record
}
