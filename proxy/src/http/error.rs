//! From an error to an answer. One mapping, without side effects: the cause travels with the
//! answer and is logged once, by the envelope.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::DataStatus;
use mono_connect_shared::problem::{ErrorCode, FieldError, Problem};

use crate::accounts::Error;

/// An answer that is not what the caller hoped for. What the caller sees of it is a code and a
/// sentence; the cause is for the log.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) code: ErrorCode,
    pub(super) status: StatusCode,
    pub(super) cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
    detail: Cow<'static, str>,
    // Boxed, because most errors have nothing more to say.
    more: Box<More>,
}

/// What some errors say besides.
#[derive(Debug, Clone, Default)]
struct More {
    fields: Vec<FieldError>,
    retry_after: Option<u64>,
    next_allowed_at: Option<Timestamp>,
    data_status: Option<DataStatus>,
}

impl ApiError {
    pub(super) fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            status: StatusCode::from_u16(code.status())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            cause: None,
            detail: detail.into(),
            more: Box::default(),
        }
    }

    pub(super) fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::new(
            ErrorCode::Internal,
            "The proxy could not do it. Nothing was lost.",
        )
        .because(cause)
    }

    /// The request is readable, but its content is not what it must be.
    pub(super) fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    pub(super) fn invalid_fields(fields: Vec<FieldError>) -> Self {
        let named: Vec<_> = fields
            .iter()
            .map(|error| format!("`{}` {}", error.field, error.message))
            .collect();
        let detail = format!("The request is not valid: {}.", named.join("; "));
        Self::new(ErrorCode::InvalidRequest, detail).saying(More {
            fields,
            ..More::default()
        })
    }

    /// A user could not be erased: why, and which accounts are left.
    pub(super) fn not_erased(why: Option<Self>, fields: Vec<FieldError>) -> Self {
        let mut answer =
            why.unwrap_or_else(|| Self::new(ErrorCode::Internal, "").retry_after(RETRY_AFTER));
        answer.detail = "Some of the user's accounts are still linked. What could be erased is \
                         erased; make the same call again for the rest."
            .into();
        answer.more.fields = fields;
        answer
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn retry_after(self, seconds: u64) -> Self {
        self.saying(More {
            retry_after: Some(seconds),
            ..More::default()
        })
    }

    fn saying(self, more: More) -> Self {
        Self {
            more: Box::new(more),
            ..self
        }
    }

    fn because(self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Some(Arc::new(cause)),
            ..self
        }
    }

    /// What the caller sees.
    pub(super) fn problem(&self, request_id: &str) -> Problem {
        Problem {
            kind: format!("urn:mono-connect:problem:{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone().into_owned(),
            code: self.code,
            request_id: request_id.to_owned(),
            retry_after: self.more.retry_after,
            next_allowed_at: self.more.next_allowed_at,
            data_status: self.more.data_status.clone(),
            errors: self.more.fields.clone(),
        }
    }

    /// Whether an account's budget refused it, and not the caller's.
    pub(super) fn is_of_account(&self) -> bool {
        self.more.next_allowed_at.is_some()
    }

    pub(super) fn retry_after_seconds(&self) -> Option<u64> {
        self.more.retry_after
    }
}

impl IntoResponse for ApiError {
    /// The body is written by the envelope, which knows the request's id.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::AccountNotFound => Self::new(
                ErrorCode::AccountNotFound,
                "There is no account with this id among yours.",
            ),
            Error::JobNotFound => Self::new(
                ErrorCode::JobNotFound,
                "There is no job with this id of this account.",
            ),
            Error::MessageNotFound => {
                Self::new(ErrorCode::NotFound, "There is no dead letter with this id.")
            }
            Error::LinkSessionInvalid => Self::new(
                ErrorCode::LinkSessionInvalid,
                "The reference is unknown, expired or already used. Start linking again.",
            ),
            Error::CodeAlreadyUsed => Self::new(
                ErrorCode::CodeAlreadyUsed,
                "The code was already used. Start linking again.",
            ),
            Error::ReferenceMismatch => Self::new(
                ErrorCode::ReferenceMismatch,
                "The code belongs to another attempt to link an account. Start linking again.",
            ),
            Error::CodeExpired(cause) => Self::new(
                ErrorCode::CodeExpired,
                "Mono no longer accepts the code: it works once and for ten minutes. Start linking \
                 again.",
            )
            .because(cause),
            Error::DataNotReady(status) => Self::new(
                ErrorCode::DataNotReady,
                "The bank's data for this account is not there yet.",
            )
            .saying(More {
                data_status: Some(status),
                ..More::default()
            }),
            Error::ReauthorisationRequired => Self::new(
                ErrorCode::ReauthorisationRequired,
                "The bank asks its user to log in again before it gives fresh data.",
            ),
            Error::TooEarly {
                next_allowed_at,
                wait,
            } => Self::new(
                ErrorCode::RateLimited,
                "This account was asked for too recently.",
            )
            .saying(More {
                next_allowed_at: Some(next_allowed_at),
                // Rounded up, so that it is not too early again.
                retry_after: u64::try_from(wait.as_millis())
                    .ok()
                    .map(|ms| ms.div_ceil(1000)),
                ..More::default()
            }),
            Error::TooManyPages => Self::new(
                ErrorCode::RateLimited,
                "Too many pages of this session, or from this address, watch already.",
            )
            .retry_after(RETRY_AFTER),
            Error::TooManyAttempts => Self::new(
                ErrorCode::RateLimited,
                "Too many attempts to link are open already; each ends by itself after half an hour.",
            )
            .retry_after(60),
            Error::TooManyStreams => Self::new(
                ErrorCode::RateLimited,
                "Too many pages watch this proxy already.",
            )
            .with_status(StatusCode::SERVICE_UNAVAILABLE)
            .retry_after(RETRY_AFTER),
            Error::Busy => Self::new(
                ErrorCode::UpstreamUnavailable,
                "An earlier call about the same thing still waits for Mono.",
            )
            .retry_after(RETRY_AFTER),
            Error::NotSupported(detail) => Self::new(ErrorCode::NotSupported, detail),
            Error::Mono(error) => Self::from(error),
            // It may be full, locked or restarting: whoever comes again may be served.
            Error::Store(error @ mono_connect_store::Error::Unavailable(_)) => {
                Self::internal(error)
                    .with_status(StatusCode::SERVICE_UNAVAILABLE)
                    .retry_after(RETRY_AFTER)
            }
            Error::Store(error) => Self::internal(error),
            error @ (Error::Broken(_) | Error::Random(_) | Error::Task(_)) => Self::internal(error),
        }
    }
}

impl From<mono_client::Error> for ApiError {
    fn from(error: mono_client::Error) -> Self {
        use mono_client::Error as Mono;
        let answer = match &error {
            Mono::Timeout { .. } => Self::new(
                ErrorCode::UpstreamTimeout,
                "Mono did not answer in time. The same call may be made again.",
            ),
            Mono::RateLimited { retry_after } => {
                let seconds = retry_after.map_or(RETRY_AFTER, seconds);
                Self::new(ErrorCode::UpstreamUnavailable, "Mono asks to slow down.")
                    .retry_after(seconds)
            }
            Mono::Paused { retry_after } => Self::new(
                ErrorCode::UpstreamUnavailable,
                "Mono has failed too often and is left alone for a while.",
            )
            .retry_after(seconds(*retry_after)),
            Mono::Crowded => Self::new(
                ErrorCode::UpstreamUnavailable,
                "Too many calls wait for Mono already.",
            )
            .retry_after(RETRY_AFTER),
            Mono::Unreachable { .. } => Self::new(
                ErrorCode::UpstreamUnavailable,
                "Mono cannot be reached right now.",
            )
            .retry_after(RETRY_AFTER),
            // What a caller may ask for was checked before: it is our fault, and Mono was not asked.
            Mono::Invalid { .. } => return Self::internal(error),
            _ => Self::new(ErrorCode::UpstreamError, "Mono could not answer this."),
        };
        answer.because(error)
    }
}

/// Rounded up, so that it is not too early again.
fn seconds(wait: std::time::Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1000))
        .unwrap_or(u64::MAX)
        .max(1)
}

/// When it makes sense to try again after a failure that names no time.
const RETRY_AFTER: u64 = 5;

/// A panic is a fault of ours; its message may hold anything and is not passed on.
pub(super) fn from_panic(_message: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::new(
        ErrorCode::Internal,
        "The proxy could not do it. Nothing was lost.",
    )
    .into_response()
}
