//! How much is too much.

use std::num::NonZeroU32;

use super::source::Source;
use super::value::positive;

/// Limits on callers.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Calls a minute per caller; a tenth of it per address without one.
    pub calls_per_minute: NonZeroU32,
}

impl Limits {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        let calls_per_minute = source
            .parsed("RATE_LIMIT", positive)
            .and_then(NonZeroU32::new)?;
        Some(Self { calls_per_minute })
    }
}
