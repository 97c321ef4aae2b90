//! Errors on the wire: RFC 9457 problem details with a closed list of codes.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::account::DataStatus;
use crate::openapi::schema;

macro_rules! codes {
    ($( $(#[$doc:meta])* $variant:ident = $word:literal, $status:literal, $title:literal; )+) => {
        /// What went wrong, as a word that never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(tsify::Tsify))]
        pub enum ErrorCode {
            $( $(#[$doc])* #[serde(rename = $word)] $variant, )+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$( Self::$variant, )+];

            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }

            /// The HTTP status that goes with it, where the answer does not choose another.
            pub fn status(self) -> u16 {
                match self { $( Self::$variant => $status, )+ }
            }

            /// A short sentence for people.
            pub fn title(self) -> &'static str {
                match self { $( Self::$variant => $title, )+ }
            }
        }

        schema!(
            ErrorCode,
            crate::openapi::words(
                "What went wrong, as a word that never changes its meaning.",
                &[$( $word, )+]
            )
        );
    };
}

codes! {
    /// Unreadable or invalid body, path or query. 400 when unreadable, 422 when invalid.
    InvalidRequest = "invalid_request", 422, "The request is not valid.";
    /// Nobody is logged in.
    Unauthenticated = "unauthenticated", 401, "There is no valid login.";
    /// The call came from a page that may not call.
    ForbiddenOrigin = "forbidden_origin", 403, "This page may not call the proxy.";
    /// No such account of the caller's.
    AccountNotFound = "account_not_found", 404, "There is no such account.";
    /// No such job of the caller's.
    JobNotFound = "job_not_found", 404, "There is no such job.";
    /// No such path.
    NotFound = "not_found", 404, "There is nothing here.";
    /// Mono is still fetching the account's data.
    DataNotReady = "data_not_ready", 409, "The bank's data is not there yet.";
    /// The user must log in at the bank again first.
    ReauthorisationRequired = "reauthorisation_required", 409, "The bank asks its user to log in again.";
    /// The reference is unknown, expired, used, or another user's.
    LinkSessionInvalid = "link_session_invalid", 409, "This attempt to link an account is over.";
    /// Somebody else exchanged the code.
    CodeAlreadyUsed = "code_already_used", 409, "The code was already used.";
    /// Mono's reference names another link session.
    ReferenceMismatch = "reference_mismatch", 409, "The code belongs to another attempt.";
    /// Mono refused the code.
    CodeExpired = "code_expired", 422, "The code has expired.";
    /// The body is too large.
    PayloadTooLarge = "payload_too_large", 413, "The request is too large.";
    /// The account's or the caller's budget is used up.
    RateLimited = "rate_limited", 429, "Too many calls.";
    /// The configured generation of Mono's API has no such thing.
    NotSupported = "not_supported", 501, "This is not supported.";
    /// Mono failed or made no sense.
    UpstreamError = "upstream_error", 502, "Mono could not answer.";
    /// Mono was too slow.
    UpstreamTimeout = "upstream_timeout", 504, "Mono did not answer in time.";
    /// Mono could not be reached.
    UpstreamUnavailable = "upstream_unavailable", 503, "Mono cannot be reached right now.";
    /// A fault of the proxy's own.
    Internal = "internal", 500, "Something went wrong.";
}

/// `application/problem+json`. Holds a sentence and a code, never the inside of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// This problem in a sentence.
    pub detail: String,
    /// The kind of problem in a word.
    pub code: ErrorCode,
    /// Names the request in the proxy's log.
    pub request_id: String,
    /// Seconds until it makes sense to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    #[cfg_attr(feature = "ts", tsify(type = "number"))]
    pub retry_after: Option<u64>,
    /// When the budget allows it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    #[cfg_attr(feature = "ts", tsify(type = "string"))]
    pub next_allowed_at: Option<Timestamp>,
    /// How far Mono has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub data_status: Option<DataStatus>,
    /// What is wrong, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct FieldError {
    /// Path of the field, for instance `customer.email`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}
