//! An account as it is kept.

use mono_connect_shared::account::Institution;
use mono_connect_shared::id::{AccountId, Reference, UserId};
use mono_connect_shared::lifecycle::State;
use mono_connect_shared::link::Consent;
use mono_connect_shared::{MinorUnits, Timestamp};
use serde::{Deserialize, Serialize};

/// A linked account.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// What the bank says about an account. All of it is personal data.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
