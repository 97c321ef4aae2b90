//! What is kept.

use mono_connect_shared::account::Institution;
use mono_connect_shared::id::{AccountId, Reference, UserId};
use mono_connect_shared::lifecycle::State;
use mono_connect_shared::link::Consent;
use mono_connect_shared::{MinorUnits, Timestamp};
use serde::{Deserialize, Serialize};

/// One attempt to link an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSessionRecord {
    /// Names it towards the page and Mono.
    pub reference: Reference,
    /// Whose attempt it is.
    pub user: UserId,
    /// When it began.
    pub created_at: Timestamp,
    /// After this it is refused.
    pub expires_at: Timestamp,
    /// What the user agreed to when it began.
    pub consent: Option<Consent>,
    /// The account that came of it; none while it is unused.
    pub account: Option<AccountId>,
}

/// SHA-256 of a widget code. The code itself is never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeHash(pub [u8; 32]);

/// One exchange of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Which code.
    pub code: CodeHash,
    /// Who brought it first.
    pub user: UserId,
    /// For which attempt.
    pub reference: Reference,
    /// When Mono was asked, last.
    pub started_at: Timestamp,
    /// What Mono gave for it; none while the outcome is not known.
    pub account: Option<AccountId>,
}

/// Whether a code may be exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangeStart {
    /// Mono may be asked.
    Started,
    /// The same user brought it before, and Mono gave this account for it.
    Exchanged(AccountId),
    /// Another user brought it first.
    Taken,
}

/// What linking writes, all of it or nothing.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// The account.
    pub account: AccountRecord,
    /// The attempt that it used up.
    pub reference: Reference,
}

/// What linking did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkOutcome {
    /// The account is new.
    Linked,
    /// The user had it already; nothing was overwritten.
    AlreadyLinked,
    /// It is another user's.
    Taken,
    /// The attempt was used up for another account in the meantime.
    SessionUsed,
}

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

/// What a write with a version did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Written; the record now has this version.
    Version(i64),
    /// Somebody else wrote first: read again.
    Conflict,
    /// There is no such account any more.
    Gone,
}
