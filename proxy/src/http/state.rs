//! What handlers work with.

use std::sync::Arc;

use mono_connect_shared::config::{PublicConfig, WidgetSource};
use tokio_util::sync::CancellationToken;

use super::caller::Callers;
use super::events::Places;
use super::guard::AllowedOrigins;
use super::headers::Headers;
use super::rate_limit::RateLimiter;
use super::room::Room;
use super::service::ServiceKeys;
use crate::accounts::Accounts;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::inbox::Inbox;
use crate::random::SharedRandom;
use crate::telemetry::Metrics;

/// What handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub accounts: Accounts,
    pub(super) inbox: Inbox,
    pub(super) public_config: Arc<PublicConfig>,
    pub(super) callers: Arc<Callers>,
    pub(super) service_keys: Arc<ServiceKeys>,
    pub(super) origins: Arc<AllowedOrigins>,
    pub(super) headers: Arc<Headers>,
    pub(super) limiter: Arc<RateLimiter>,
    pub(super) room: Arc<Room>,
    pub(super) places: Arc<Places>,
    pub(super) metrics: Metrics,
    pub(super) clock: SharedClock,
    pub(super) random: SharedRandom,
    pub(super) draining: CancellationToken,
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
        Ok(Self {
            accounts,
            inbox,
            public_config: Arc::new(PublicConfig {
                public_key: config.keys.public_key.clone(),
                environment: config.keys.environment,
                api_generation: config.upstream.generation,
                reauthorise: config.upstream.reauthorise,
                widget: WidgetSource {
                    script_url: config.widget.script_url.to_string(),
                    origins: config.widget.origins.clone(),
                },
            }),
            service_keys: Arc::new(ServiceKeys::new(&config.access.service_keys)),
            callers: Arc::new(Callers::new(&config.access, config.listen.secure)?),
            origins: Arc::new(AllowedOrigins::new(&config.listen)),
            headers: Arc::new(Headers::new(config)),
            limiter: Arc::new(RateLimiter::new(config.limits.calls_per_minute)),
            room: Arc::new(Room::new(config.upstream.concurrency)),
            places: Arc::default(),
            metrics,
            clock,
            random,
            draining,
        })
    }
}
