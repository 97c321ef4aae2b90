//! Why a use case did not do it, by what it means to the caller.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::DataStatus;
use mono_connect_shared::lifecycle::InvalidTransition;

use crate::random::NoRandomness;

/// Why a use case did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user has no such account.
    #[error("no such account of this user")]
    AccountNotFound,
    /// No such event waits to be sent again.
    #[error("no such dead letter")]
    MessageNotFound,
    /// The account has no such job.
    #[error("no such job of this account")]
    JobNotFound,
    /// The reference is unknown, expired, used, or another user's.
    #[error("the link session is unknown, expired, used or another user's")]
    LinkSessionInvalid,
    /// Another user brought the code first.
    #[error("another user brought the code first")]
    CodeAlreadyUsed,
    /// Mono says that the code belongs to another link session.
    #[error("Mono's reference names another link session")]
    ReferenceMismatch,
    /// Mono refused the code.
    #[error("Mono refused the code")]
    CodeExpired(#[source] mono_client::Error),
    /// Mono has no data yet.
    #[error("the data is {0}")]
    DataNotReady(DataStatus),
    /// The bank wants its user to log in first.
    #[error("the bank asks its user to log in again")]
    ReauthorisationRequired,
    /// The budget allows it later.
    #[error("not allowed before {next_allowed_at}")]
    TooEarly {
        /// From when on.
        next_allowed_at: Timestamp,
        /// How long that is from now.
        wait: SignedDuration,
    },
    /// Too many of this user's attempts to link are open.
    #[error("too many of this user's attempts to link are open")]
    TooManyAttempts,
    /// Too many pages of this user's, or from this address, watch already.
    #[error("too many pages of this user's, or from this address, watch")]
    TooManyPages,
    /// Too many pages of everybody's watch already.
    #[error("too many pages watch")]
    TooManyStreams,
    /// Earlier calls about the same thing still wait for Mono.
    #[error("earlier calls about the same thing still wait for Mono")]
    Busy,
    /// The configured generation of Mono's API has no such thing.
    #[error("{0}")]
    NotSupported(&'static str),
    /// Mono did not do it.
    #[error("Mono did not do it")]
    Mono(#[source] mono_client::Error),
    /// The database did not do it.
    #[error("the database did not do it")]
    Store(#[from] mono_connect_store::Error),
    /// Something that cannot be.
    #[error("{0}")]
    Broken(&'static str),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// A task of ours broke down.
    #[error("a task broke down")]
    Task(#[source] tokio::task::JoinError),
}

impl Error {
    /// A word for what keeps work in the background from being done.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Mono(error) | Self::CodeExpired(error) => error.name(),
            Self::Store(_) => "store",
            Self::Busy => "busy",
            Self::TooEarly { .. } => "too_early",
            Self::ReauthorisationRequired => "reauthorisation_required",
            Self::AccountNotFound | Self::JobNotFound | Self::MessageNotFound => "not_found",
            Self::NotSupported(_) => "not_supported",
            _ => "other",
        }
    }
}

impl From<mono_client::Error> for Error {
    fn from(error: mono_client::Error) -> Self {
        match error {
            mono_client::Error::NotSupported => {
                Self::NotSupported("This generation of Mono's API has no such call.")
            }
            error => Self::Mono(error),
        }
    }
}

impl From<InvalidTransition> for Error {
    fn from(error: InvalidTransition) -> Self {
        match error {
            InvalidTransition::Unlinked => Self::AccountNotFound,
            InvalidTransition::TooEarly {
                next_allowed_at,
                wait,
            } => Self::TooEarly {
                next_allowed_at,
                wait,
            },
            InvalidTransition::ReauthorisationRequired => Self::ReauthorisationRequired,
        }
    }
}
