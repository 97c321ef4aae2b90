//! The one place that looks at the wall clock.
//!
//! Only a `Retry-After` that is a date, in an answer without a `Date` of its own, needs it.

use jiff::Timestamp;

/// The present time as this machine sees it.
#[expect(
    clippy::disallowed_methods,
    reason = "a date can only be turned into a pause by comparing it with now"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}
