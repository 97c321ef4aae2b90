//! How much is too much.

use std::num::NonZeroU32;
use std::time::Duration;

use super::source::Source;
use super::value::{duration, positive};

/// Limits on callers and on what is kept for them.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Calls a minute per caller; a tenth of it per address without one.
    pub calls_per_minute: NonZeroU32,
    /// How long an answer of Mono's may be given again; zero: never.
    pub cache_ttl: Duration,
}

impl Limits {
    pub(super) fn read(source: &mut Source<'_>) -> Option<Self> {
        let calls_per_minute = source
            .parsed("RATE_LIMIT", positive)
            .and_then(NonZeroU32::new);
        let cache_ttl = source.parsed("CACHE_TTL", duration);
        Some(Self {
            calls_per_minute: calls_per_minute?,
            cache_ttl: cache_ttl?,
        })
    }
}
