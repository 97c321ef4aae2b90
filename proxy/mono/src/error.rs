//! What can go wrong with a call, named by what it means for the caller.
//!
//! No variant carries what Mono wrote, what was sent or the key in a form that prints: Mono's own
//! words are behind [`Detail`], whose `Debug` and `Display` say `[redacted]`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::secret::Redacted;

/// Why a call brought no usable answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Mono understood the request and said no, for a reason that has no variant of its own.
    #[error("Mono refused the request with status {status}")]
    Refused {
        /// The HTTP status, 400 to 499.
        status: u16,
        /// What Mono said.
        detail: Detail,
    },
    /// Mono does not know the account (or the code, or the job) that was named.
    #[error("Mono does not know what was asked for")]
    NotFound,
    /// Mono does not accept the secret key (401 or 403).
    #[error("Mono did not accept the secret key")]
    Unauthorised,
    /// Mono wants fewer requests (429), now or a moment ago: until then nothing is sent.
    #[error("Mono asks to slow down")]
    RateLimited {
        /// How long Mono asks to wait, at most an hour; `None` when it did not say.
        retry_after: Option<Duration>,
    },
    /// Mono or something in front of it failed (500 to 599).
    #[error("Mono failed with status {status}")]
    Failed {
        /// The HTTP status.
        status: u16,
    },
    /// The answer makes no sense as what was asked for.
    #[error("Mono's answer makes no sense: {what}")]
    Malformed {
        /// What is wrong with it, in words of ours.
        what: &'static str,
    },
    /// The answer is larger than this client reads.
    #[error("Mono's answer is too large")]
    TooLarge,
    /// The answer sends us elsewhere, which is never followed.
    #[error("Mono's answer is a redirect, which is not followed")]
    Redirected,
    /// The answer says that there is no data (`data: null`) where a call cannot do without.
    #[error("Mono has no data for this account yet")]
    NoData,
    /// The time was up.
    #[error("Mono did not answer in time")]
    Timeout {
        /// Whether the request may have reached Mono.
        sent: bool,
    },
    /// It has failed so often, just now, that it is left alone for a while; nothing was sent.
    #[error("Mono has failed too often and is left alone for a while")]
    Paused {
        /// How long.
        retry_after: Duration,
    },
    /// Too many calls wait for their turn already; nothing was sent.
    #[error("too many calls to Mono wait already")]
    Crowded,
    /// No connection came about; Mono has seen nothing of the request.
    #[error("Mono cannot be reached")]
    Unreachable {
        /// What the connection failed with.
        source: Cause,
    },
    /// The connection broke after the request may have been sent, before the answer was complete.
    #[error("the connection to Mono broke off")]
    Interrupted {
        /// What the connection failed with.
        source: Cause,
    },
    /// The configured generation of the API has no such call.
    #[error("this generation of Mono's API has no such call")]
    NotSupported,
    /// An argument cannot be sent; nothing was.
    #[error("the request is invalid: {what}")]
    Invalid {
        /// What is wrong with it, in words of ours.
        what: &'static str,
    },
}

impl Error {
    /// Whether Mono may have carried out the call although no usable answer came back.
    ///
    /// For anything that must not happen twice, such as the exchange of a code, `true` means that
    /// asking again is not safe.
    pub const fn may_have_been_carried_out(&self) -> bool {
        match self {
            Self::Timeout { sent } => *sent,
            Self::Failed { .. }
            | Self::Malformed { .. }
            | Self::TooLarge
            | Self::NoData
            | Self::Interrupted { .. } => true,
            Self::Refused { .. }
            | Self::NotFound
            | Self::Unauthorised
            | Self::RateLimited { .. }
            | Self::Redirected
            | Self::Unreachable { .. }
            | Self::Paused { .. }
            | Self::Crowded
            | Self::NotSupported
            | Self::Invalid { .. } => false,
        }
    }

    /// A word for it, for counting.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::NotFound => "not_found",
            Self::Unauthorised => "unauthorised",
            Self::RateLimited { .. } => "rate_limited",
            Self::Failed { .. } => "failed",
            Self::Malformed { .. } => "malformed",
            Self::TooLarge => "too_large",
            Self::Redirected => "redirected",
            Self::NoData => "no_data",
            Self::Timeout { .. } => "timeout",
            Self::Unreachable { .. } => "unreachable",
            Self::Paused { .. } => "paused",
            Self::Crowded => "crowded",
            Self::Interrupted { .. } => "interrupted",
            Self::NotSupported => "not_supported",
            Self::Invalid { .. } => "invalid",
        }
    }

    /// What Mono said about a refusal, where it said something.
    pub const fn detail(&self) -> Option<&Detail> {
        match self {
            Self::Refused { detail, .. } => Some(detail),
            _ => None,
        }
    }
}

/// Mono's own words about a refusal. Free text of somebody else: for a person to read on purpose,
/// never to match on and never to pass on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    pub(crate) message: Option<Redacted<String>>,
    pub(crate) fields: Vec<FieldError>,
}

impl Detail {
    /// The sentence, when there was one.
    pub fn message(&self) -> Option<&str> {
        self.message
            .as_ref()
            .map(|message| message.expose().as_str())
    }

    /// The complaints about single fields of the request.
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }
}

/// What Mono said about one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub(crate) field: Redacted<String>,
    pub(crate) message: Redacted<String>,
}

impl FieldError {
    /// The name of the field, in Mono's spelling.
    pub fn field(&self) -> &str {
        self.field.expose()
    }

    /// The complaint.
    pub fn message(&self) -> &str {
        self.message.expose()
    }
}

/// What a connection failed with: the HTTP library's error, without the address that was called.
#[derive(Clone)]
pub struct Cause(Arc<reqwest::Error>);

impl Cause {
    pub(crate) fn new(error: reqwest::Error) -> Self {
        Self(Arc::new(error.without_url()))
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.0.as_ref())
    }
}
