//! Attempts to link an account, and the codes that were exchanged.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, Reference, UserId};
use mono_connect_shared::link::Consent;

use crate::Error;
use crate::outbox::NewMessage;
use crate::record::AccountRecord;

/// Keeps link sessions and exchanges.
#[async_trait]
pub trait LinkStore: Send + Sync + 'static {
    /// Keeps a new link session.
    async fn add_link_session(&self, session: &LinkSessionRecord) -> Result<(), Error>;

    /// How many link sessions of the user's are open: neither used nor expired.
    async fn count_open_link_sessions(&self, user: &UserId, now: Timestamp) -> Result<u64, Error>;

    /// The link session with this reference.
    async fn find_link_session(
        &self,
        reference: &Reference,
    ) -> Result<Option<LinkSessionRecord>, Error>;

    /// Writes down that a code is about to be exchanged, before Mono is asked. Whoever comes first
    /// owns the code; a later start by the same user is `Started` again as long as no account came
    /// of it.
    async fn start_exchange(&self, exchange: &Exchange) -> Result<ExchangeStart, Error>;

    /// What is known of a code.
    async fn find_exchange(&self, code: &CodeHash) -> Result<Option<Exchange>, Error>;

    /// Writes down which account Mono gave for a code, so that it is never asked again.
    async fn record_exchange(&self, code: &CodeHash, account: &AccountId) -> Result<(), Error>;

    /// Forgets a code that Mono refused.
    async fn forget_exchange(&self, code: &CodeHash) -> Result<(), Error>;

    /// Adds the account, uses up its link session and wakes the events that waited for the
    /// account: all or nothing. A session that is gone is used up.
    async fn finish_link(&self, link: &NewLink) -> Result<LinkOutcome, Error>;
}

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
    /// Whether a code was exchanged for it. An event of Mono's may have linked the account before
    /// the browser brought the code; then one exchange of that same account is still allowed.
    pub exchanged: bool,
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
    /// Whether a code was exchanged for it, or an event of Mono's told it.
    pub exchanged: bool,
    /// What the site's back end is told of it, if the account is new.
    pub message: Option<NewMessage>,
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
    /// The attempt was used up in the meantime.
    SessionUsed,
}
