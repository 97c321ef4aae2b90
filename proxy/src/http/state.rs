//! What handlers work with.

use std::ops::Deref;
use std::sync::Arc;

use mono_connect_shared::config::{PublicConfig, WidgetSource};
use tokio_util::sync::CancellationToken;

use super::caller::Callers;
use super::events::Places;
use super::guard::AllowedOrigins;
use super::headers::Headers;
use super::in_time;
use super::rate_limit::RateLimiter;
use super::room::Room;
use super::service::ServiceKeys;
use crate::accounts::Accounts;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::inbox::Inbox;
use crate::random::SharedRandom;
use crate::telemetry::Metrics;

/// What handlers work with. Every layer that a request passes clones it, so a clone is one count.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// What there is one of in a process.
pub struct Parts {
    /// The use cases.
    pub accounts: Accounts,
    pub(super) inbox: Inbox,
    pub(super) public_config: PublicConfig,
    pub(super) callers: Callers,
    pub(super) service_keys: ServiceKeys,
    pub(super) origins: AllowedOrigins,
    pub(super) headers: Headers,
    pub(super) limiter: RateLimiter,
    pub(super) room: Room,
    /// How long a read may take.
    pub(super) read_budget: std::time::Duration,
    pub(super) places: Arc<Places>,
    pub(super) metrics: Metrics,
    pub(super) clock: SharedClock,
    pub(super) random: SharedRandom,
    pub(super) draining: CancellationToken,
    /// Whether requests are traced, for more than the log.
    pub(super) traced: bool,
}

impl AppState {
    /// From the configuration and the ready parts. `draining` is cancelled when the process is
    /// about to end.
    pub fn new(
        config: &Config,
        accounts: Accounts,
        inbox: Inbox,
        metrics: Metrics,
        clock: SharedClock,
        random: SharedRandom,
        draining: CancellationToken,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self(Arc::new(Parts {
            accounts,
            inbox,
            public_config: PublicConfig {
                public_key: config.keys.public_key.clone(),
                environment: config.keys.environment,
                api_generation: config.upstream.generation,
                reauthorise: config.upstream.reauthorise,
                widget: WidgetSource {
                    script_url: config.widget.script_url.to_string(),
                    origins: config.widget.origins.clone(),
                },
            },
            service_keys: ServiceKeys::new(&config.access.service_keys),
            callers: Callers::new(&config.access, config.listen.secure)?,
            origins: AllowedOrigins::new(&config.listen),
            headers: Headers::new(config),
            limiter: RateLimiter::new(config.limits.calls_per_minute),
            room: Room::new(config.upstream.concurrency),
            read_budget: in_time::budget(config.upstream.timeout),
            places: Arc::default(),
            metrics,
            clock,
            random,
            draining,
            traced: config.traces.is_some(),
        })))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
