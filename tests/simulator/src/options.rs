//! How a simulator is started.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;

use crate::world::{Dialect, Generation, Settings, WebhookSettings};

/// What is fixed at the start. The default binds a free port on loopback and lets the clock run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Plain HTTP; port 0 takes a free one.
    pub listen: SocketAddr,
    /// A second listener with a self-signed certificate.
    pub tls_listen: Option<SocketAddr>,
    /// Origin in links to the simulator; the plain listener's when absent.
    pub public_url: Option<String>,
    /// Expected in `mono-sec-key`.
    pub secret_key: String,
    /// Expected as the widget's `key`.
    pub public_key: String,
    /// Everything generated follows from it.
    pub seed: u64,
    /// Time stands still until it is advanced.
    pub manual_clock: bool,
    /// Simulator time at the start; now, or with a manual clock 2026-01-27T10:00:00Z, when absent.
    pub start_time: Option<Timestamp>,
    /// What can change later.
    pub settings: Settings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls_listen: None,
            public_url: None,
            secret_key: "test_sk_simulator".to_owned(),
            public_key: "test_pk_simulator".to_owned(),
            seed: 1,
            manual_clock: false,
            start_time: None,
            settings: Settings::default(),
        }
    }
}

impl Options {
    /// With a clock that stands still until it is advanced.
    pub fn manual() -> Self {
        Self {
            manual_clock: true,
            ..Self::default()
        }
    }

    /// Sends webhooks there.
    #[must_use]
    pub fn webhooks_to(mut self, url: &str, secret: &str) -> Self {
        self.settings.webhook.url = Some(url.to_owned());
        secret.clone_into(&mut self.settings.webhook.secret);
        self
    }

    /// Starts at this simulator time.
    #[must_use]
    pub fn starting_at(mut self, at: Timestamp) -> Self {
        self.start_time = Some(at);
        self
    }

    pub(crate) fn start(&self) -> Option<Timestamp> {
        let still = self
            .manual_clock
            .then(|| Timestamp::from_second(1_769_508_000).ok())
            .flatten();
        self.start_time.or(still)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            processing_time: Duration::from_secs(3),
            refresh_interval: Duration::from_hours(24),
            mfa_session: Duration::ZERO,
            habits: true,
            page_size: 50,
            webhook: WebhookSettings::default(),
        }
    }
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            url: None,
            secret: "webhook_secret_simulator".to_owned(),
            generation: Generation::V2,
            duplicate: 0,
            delay: Duration::ZERO,
            delays: BTreeMap::new(),
            reorder: false,
            drop: Vec::new(),
            forged: false,
            timeout: Duration::from_secs(10),
        }
    }
}
