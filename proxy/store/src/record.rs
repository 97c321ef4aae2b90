//! An account as it is kept.

use jiff::SignedDuration;
use mono_connect_shared::account::Institution;
use mono_connect_shared::id::{AccountId, Reference, UserId};
use mono_connect_shared::income::IncomeRecord;
use mono_connect_shared::lifecycle::{Linked, State};
use mono_connect_shared::link::Consent;
use mono_connect_shared::{MinorUnits, Timestamp};
use serde::{Deserialize, Serialize};

/// Mono is asked about a new account's data after this, unless somebody looks at it before.
const FIRST_CHECK: SignedDuration = SignedDuration::from_secs(10);

/// A linked account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountRecord {
    /// Mono's id.
    pub id: AccountId,
    /// Whose it is.
    pub user: UserId,
    /// Grows with every write.
    pub version: i64,
    /// What the bank says about it.
    pub profile: Profile,
    /// Where it is in its life.
    pub state: State,
    /// The attempt by which it was linked.
    pub reference: Reference,
    /// What the user agreed to.
    pub consent: Option<ConsentRecord>,
    /// An earlier account of the same user that looks the same.
    pub duplicate_of: Option<AccountId>,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// When it was written last.
    pub updated_at: Timestamp,
}

impl AccountRecord {
    /// Whether Mono is to be asked about it again.
    pub(crate) fn wants_details(&self) -> bool {
        let linked = self.state.as_linked();
        linked.is_some_and(Linked::wants_details)
    }

    /// Whether the bank wants its user to log in again.
    pub(crate) fn requires_reauth(&self) -> bool {
        let linked = self.state.as_linked();
        linked.is_some_and(|linked| linked.authorisation.required().is_some())
    }

    /// When anything was last fetched of it; when it was linked, if nothing was yet.
    pub fn fetched_at(&self) -> Timestamp {
        let linked = self.state.as_linked();
        let fetched_at = linked.and_then(Linked::data_as_of);
        fetched_at.unwrap_or(self.linked_at)
    }

    /// When Mono is first asked about the data of an account that is new.
    pub(crate) fn first_check(&self) -> Option<Timestamp> {
        let first = self.linked_at.checked_add(FIRST_CHECK).ok();
        first.filter(|_| self.wants_details())
    }
}

/// What the bank says about an account. All of it is personal data.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The holder.
    pub name: Option<String>,
    /// The bank.
    pub institution: Institution,
    /// Never more of the account number than this.
    pub account_number_last4: Option<String>,
    /// The bank's own word.
    pub account_type: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// In the currency's minor unit.
    pub balance: Option<MinorUnits>,
    /// What an event told of the holder's income, last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income: Option<ToldIncome>,
}

/// What an event told of an income. Nobody vouches for it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldIncome {
    /// When it was told.
    pub at: Timestamp,
    /// One for each source.
    pub records: Vec<IncomeRecord>,
}

// Personal data does not belong into a log.
impl std::fmt::Debug for Profile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Profile([redacted])")
    }
}

/// What a user agreed to, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRecord {
    /// The text and the purpose.
    pub consent: Consent,
    /// When the user agreed.
    pub given_at: Timestamp,
}
