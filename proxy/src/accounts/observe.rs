//! Applying what Mono says about an account.

use mono_connect_shared::Timestamp;
use mono_connect_shared::account::DataStatus;
use mono_connect_shared::lifecycle::{Fact, Observation, observe};
use mono_connect_store::{AccountRecord, Written};

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
            return Err(Error::Broken("Mono answered with another account's details"));
        }
        if names_another_link(&record, details.reference.as_deref()) {
            self.store()
                .remove_account(&record.user, &record.id)
                .await?;
            return Err(Error::ReferenceMismatch);
        }
        self.apply_details(record, &details, asked_at).await
    }

    async fn apply_details(
        &self,
        mut record: AccountRecord,
        details: &mono_client::AccountDetails,
        asked_at: Timestamp,
    ) -> Result<AccountRecord, Error> {
        for _ in 0..ATTEMPTS {
            let mut next = with_details(record.clone(), details, asked_at);
            if next == record {
                return Ok(record);
            }
            next.duplicate_of = self.duplicate_of(&next).await?;
            next.updated_at = self.now();
            match self.store().update_account(&next).await? {
                Written::Version(version) => return Ok(AccountRecord { version, ..next }),
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

    /// The user's earlier account that looks like the same bank account. Mono makes a new id every
    /// time a bank account is linked, and we keep no more of its number than four digits: a hint.
    async fn duplicate_of(
        &self,
        record: &AccountRecord,
    ) -> Result<Option<mono_connect_shared::id::AccountId>, Error> {
        let profile = &record.profile;
        if profile.account_number_last4.is_none() || profile.name.is_none() {
            return Ok(record.duplicate_of.clone());
        }
        let others = self.store().list_accounts(&record.user).await?;
        let earlier = others
            .into_iter()
            .take_while(|other| other.id != record.id)
            .find(|other| {
                let other = &other.profile;
                other.account_number_last4 == profile.account_number_last4
                    && other.institution.name == profile.institution.name
                    && other.institution.bank_code == profile.institution.bank_code
                    && other.name == profile.name
                    && other.currency == profile.currency
            });
        Ok(earlier.map(|other| other.id))
    }
}

/// Whether Mono says that the account came of another attempt than the one it was linked by. Only
/// references of ours count: a site may have given Mono others of its own.
fn names_another_link(record: &AccountRecord, reference: Option<&str>) -> bool {
    // Once confirmed it stays: a later login may leave a later reference.
    let confirmed = record
        .state
        .as_linked()
        .is_some_and(|linked| linked.data.at.is_some());
    !confirmed
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
        record.profile = view::profile(details);
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
