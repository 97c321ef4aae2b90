//! What the site's own back end is told, and of it to a page only all that is kept of its user.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::Account;
use crate::id::{AccountId, Reference, UserId};
use crate::income::IncomeRecord;
use crate::link::Consent;
use crate::outbound::OutboundType;
use crate::transaction::Job;

/// An account and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnedAccount {
    /// Whose.
    pub user_id: UserId,
    /// The account, as its user's page sees it.
    #[serde(flatten)]
    pub account: Account,
}

/// Some of all accounts, by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountsPage {
    /// May be fewer than asked for although more follow.
    pub accounts: Vec<OwnedAccount>,
    /// Where to go on; null at the end.
    pub next_cursor: Option<AccountId>,
}

/// Some entries of the audit log, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where to go on; null at the end.
    pub next_cursor: Option<String>,
}

/// One use of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct AuditEntry {
    /// Grows with every entry; a cursor.
    pub id: String,
    /// When.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub at: Timestamp,
    /// By the key of this name.
    pub key: String,
    /// What: method and route.
    pub action: String,
    /// Which account it was about, if one.
    pub account_id: Option<AccountId>,
    /// Whose data it was about, if one user's.
    pub user_id: Option<UserId>,
    /// The answer's HTTP status. Null in the first of two entries, which is written before something
    /// that changes anything begins.
    pub status: Option<u16>,
    /// The request's id.
    pub request_id: String,
}

/// Everything that is kept of a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct UserExport {
    /// Whose.
    pub user_id: UserId,
    /// When it was put together.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub exported_at: Timestamp,
    /// The user's accounts.
    pub accounts: Vec<Account>,
    /// What the user agreed to, for each account and each attempt to link one.
    pub consents: Vec<ConsentOnRecord>,
    /// Attempts to link an account.
    pub link_attempts: Vec<LinkAttempt>,
    /// Codes that the widget gave to the user, of which only a digest is kept.
    pub code_exchanges: Vec<CodeExchange>,
    /// Mono's background jobs.
    pub jobs: Vec<JobOfAccount>,
    /// What Mono told of the income of an account's holder.
    pub incomes: Vec<IncomeOnRecord>,
    /// When something changed for the user's pages.
    pub changes: Vec<AccountChange>,
    /// What the site's back end is still to be told of the user's accounts.
    pub undelivered_events: Vec<UndeliveredEvent>,
    /// What the site's back end did with the user's data.
    pub audit: Vec<AuditEntry>,
}

/// What a user agreed to, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct ConsentOnRecord {
    /// In which attempt.
    pub reference: Reference,
    /// For which account; null while none came of it.
    pub account_id: Option<AccountId>,
    /// When.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub given_at: Timestamp,
    /// The text and the purpose.
    #[serde(flatten)]
    pub consent: Consent,
}

/// An attempt to link an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct LinkAttempt {
    /// Names it.
    pub reference: Reference,
    /// When it began.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub created_at: Timestamp,
    /// Until when it could be used.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub expires_at: Timestamp,
    /// What came of it.
    pub account_id: Option<AccountId>,
}

/// An exchange of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct CodeExchange {
    /// In which attempt.
    pub reference: Reference,
    /// When Mono was asked, last.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub started_at: Timestamp,
    /// What Mono gave for it.
    pub account_id: Option<AccountId>,
}

/// A background job and its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct JobOfAccount {
    /// Of which account.
    pub account_id: AccountId,
    /// The job.
    #[serde(flatten)]
    pub job: Job,
}

/// An event that the site's back end has not taken yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct UndeliveredEvent {
    /// What `webhook-id` will be.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: OutboundType,
    /// When.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub timestamp: Timestamp,
    /// To which account.
    pub account_id: AccountId,
}

/// What an event of Mono's told of an income.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct IncomeOnRecord {
    /// Of which account.
    pub account_id: AccountId,
    /// When.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub told_at: Timestamp,
    /// One for each source of income.
    pub records: Vec<IncomeRecord>,
}

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct AccountChange {
    /// When.
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub at: Timestamp,
    /// Of which account.
    pub account_id: AccountId,
}
