//! What can go wrong, as the page is told.
//!
//! Says what happened and whether trying again makes sense; holds no bank's or server's internals.

use core::any::Any;
use core::fmt;
use std::rc::Rc;

use mono_connect_shared::problem::ErrorCode;

macro_rules! codes {
    ($( $(#[$doc:meta])* $variant:ident = $word:literal, )+) => {
        /// The kind of an error: one of the proxy's, or one of the module's own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            /// The proxy said so.
            Proxy(ErrorCode),
            $( $(#[$doc])* $variant, )+
        }

        impl Code {
            /// The module's own codes.
            pub const OWN: &[Self] = &[$( Self::$variant, )+];

            /// The code as the page sees it.
            pub fn as_str(self) -> &'static str {
                match self {
                    Self::Proxy(code) => code.as_str(),
                    $( Self::$variant => $word, )+
                }
            }
        }

        /// The closed union of all codes, in TypeScript.
        pub const TYPESCRIPT: &str = concat!(
            "/** Every code that a {@link MonoConnectError} can carry. */\n",
            "export type MonoConnectErrorCode = ErrorCode", $( " | \"", $word, "\"", )+ ";"
        );
    };
}

codes! {
    /// The user closed the widget, or the page did.
    Dismissed = "dismissed",
    /// The widget's script did not load, or brought no `Connect`.
    WidgetLoadFailed = "widget_load_failed",
    /// Another link runs on this page.
    WidgetBusy = "widget_busy",
    /// The widget reported an error, or broke.
    WidgetError = "widget_error",
    /// The proxy could not be reached, or it was no proxy that answered.
    Network = "network",
    /// No answer came in time.
    Timeout = "timeout",
    /// The page's signal said stop.
    Aborted = "aborted",
    /// The page's options make no sense; the message names the field.
    InvalidOptions = "invalid_options",
    /// `init()` has not finished yet.
    NotInitialised = "not_initialised",
    /// This `Connect` does not take what the proxy would give it to re-authorise.
    ReauthoriseUnsupported = "reauthorise_unsupported",
}

impl Code {
    /// Whether the same call may succeed later although nothing else changes.
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Network | Self::Timeout | Self::WidgetLoadFailed => true,
            Self::Proxy(code) => matches!(
                code,
                ErrorCode::RateLimited
                    | ErrorCode::DataNotReady
                    | ErrorCode::UpstreamError
                    | ErrorCode::UpstreamTimeout
                    | ErrorCode::UpstreamUnavailable
                    | ErrorCode::Internal
            ),
            _ => false,
        }
    }

    /// The code for an answer that brought no problem document, which then did not come from the
    /// proxy itself but from something between it and the page.
    pub fn from_status(status: u16) -> Self {
        Self::Proxy(match status {
            401 => ErrorCode::Unauthenticated,
            403 => ErrorCode::ForbiddenOrigin,
            404 => ErrorCode::NotFound,
            413 => ErrorCode::PayloadTooLarge,
            429 => ErrorCode::RateLimited,
            400..=499 => ErrorCode::InvalidRequest,
            501 => ErrorCode::NotSupported,
            502 => ErrorCode::UpstreamError,
            503 => ErrorCode::UpstreamUnavailable,
            504 => ErrorCode::UpstreamTimeout,
            _ => ErrorCode::Internal,
        })
    }
}

/// An error on its way to the page. One pointer wide, because every answer carries room for one.
#[derive(Clone)]
pub struct Error(Box<Details>);

/// What an [`Error`] says.
#[derive(Clone)]
pub struct Details {
    /// Its kind.
    pub code: Code,
    /// A sentence for developers.
    pub message: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The request's name in the proxy's log.
    pub request_id: Option<String>,
    /// How long to wait before trying again.
    pub retry_after_ms: Option<u32>,
    /// What the environment threw, or the problem document.
    pub cause: Option<Rc<dyn Any>>,
}

impl Error {
    /// An error without an answer behind it.
    #[inline(never)]
    pub fn new(code: Code, message: &str) -> Self {
        Self::from(Details {
            code,
            message: message.to_owned(),
            status: None,
            request_id: None,
            retry_after_ms: None,
            cause: None,
        })
    }

    /// The same error with what caused it.
    #[must_use]
    #[inline(never)]
    pub fn because(mut self, cause: Rc<dyn Any>) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// The same error with how long to wait before trying again.
    #[must_use]
    pub fn retry_after(mut self, milliseconds: Option<u32>) -> Self {
        self.0.retry_after_ms = milliseconds;
        self
    }

    /// The options are wrong at `field`.
    #[inline(never)]
    pub fn invalid_option(field: &str, message: &str) -> Self {
        Self::new(Code::InvalidOptions, &[field, ": ", message].concat())
    }

    /// Its kind.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// All that it says.
    pub fn details(&self) -> &Details {
        &self.0
    }
}

impl From<Details> for Error {
    fn from(details: Details) -> Self {
        Self(Box::new(details))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.code.as_str())?;
        formatter.write_str(": ")?;
        formatter.write_str(&self.0.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_codes_are_all_in_the_union_and_none_is_a_code_of_the_proxy() {
        for code in Code::OWN {
            assert!(TYPESCRIPT.contains(&format!("\"{}\"", code.as_str())));
            assert!(
                ErrorCode::ALL
                    .iter()
                    .all(|proxy| proxy.as_str() != code.as_str())
            );
        }
    }

    #[test]
    fn decisions_of_people_are_not_retryable_and_failures_of_the_way_are() {
        assert!(!Code::Dismissed.is_retryable());
        assert!(!Code::Aborted.is_retryable());
        assert!(!Code::Proxy(ErrorCode::CodeExpired).is_retryable());
        assert!(Code::Network.is_retryable());
        assert!(Code::Proxy(ErrorCode::UpstreamUnavailable).is_retryable());
    }

    #[test]
    fn an_answer_without_a_problem_is_named_by_its_status() {
        assert_eq!(
            Code::from_status(503),
            Code::Proxy(ErrorCode::UpstreamUnavailable)
        );
        assert_eq!(
            Code::from_status(418),
            Code::Proxy(ErrorCode::InvalidRequest)
        );
        assert_eq!(Code::from_status(599), Code::Proxy(ErrorCode::Internal));
    }
}
