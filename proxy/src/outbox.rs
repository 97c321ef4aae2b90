//! Delivers events to the site's own back end, in the form of Standard Webhooks.
//!
//! Sends one message once, and says what came of it; when it is sent again is for `jobs` to say.

mod resolver;
mod signature;

use std::sync::Arc;
use std::time::Duration;

use mono_connect_shared::Timestamp;
use mono_connect_shared::outbound::{OutboundData, OutboundEvent};
use mono_connect_store::OutboxMessage;
use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use url::Url;

use crate::config::{Notify, NotifySecret};
use resolver::{Lookup, PublicOnly};

/// From the connection to the head of the answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Says who sends.
const USER_AGENT: &str = concat!("mono-connect-proxy/", env!("CARGO_PKG_VERSION"));

/// The way to the site's back end. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Courier {
    http: reqwest::Client,
    url: Url,
    secrets: Arc<[NotifySecret]>,
}

/// Why a message is still to be delivered. In words of ours: whatever the target answered stays
/// there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Undelivered {
    /// It was answered otherwise than with 2xx.
    #[error("the back end answered with status {status}")]
    Refused {
        /// With what.
        status: u16,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// There was no answer in time.
    #[error("the back end did not answer in time")]
    Timeout,
    /// There was no connection.
    #[error("the back end cannot be reached")]
    Unreachable,
    /// The message cannot be written. A fault of ours.
    #[error("the event cannot be written")]
    Unwritable,
}

/// Why the target cannot be the site's back end.
#[derive(Debug, thiserror::Error)]
#[error("leads to an address of this network's own services")]
pub struct ForbiddenTarget;

impl Undelivered {
    /// What is kept of it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Refused { status, .. } => match status {
                300..400 => "redirected",
                410 => "gone",
                400..500 => "refused",
                _ => "failed",
            },
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Unwritable => "unwritable",
        }
    }
}

impl Courier {
    pub(crate) fn new(notify: &Notify) -> Result<Self, reqwest::Error> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this client posts to one address and knows nothing of Mono"
        )]
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(USER_AGENT)
            .dns_resolver(Arc::new(PublicOnly::for_target(&notify.url)))
            .timeout(TIMEOUT);
        if notify.url.scheme() == "http" {
            // No TLS will be spoken, so a machine without certificates must not matter.
            builder = builder.tls_certs_only([]);
        }
        Ok(Self {
            http: builder.build()?,
            url: notify.url.clone(),
            secrets: notify.secrets.as_slice().into(),
        })
    }

    /// Whether the target's name leads where no back end can be. A name that leads nowhere yet may
    /// do so later.
    pub(crate) async fn check(&self) -> Result<(), ForbiddenTarget> {
        let Some(name) = self.url.domain() else {
            return Ok(());
        };
        match PublicOnly::for_target(&self.url).look_up(name).await {
            Lookup::Forbidden => Err(ForbiddenTarget),
            Lookup::Unknown => {
                tracing::warn!("NOTIFY_URL: the name of the host is not known yet");
                Ok(())
            }
            Lookup::Found(_) => Ok(()),
        }
    }

    /// Sends a message. The same message has the same body every time.
    pub(crate) async fn deliver(
        &self,
        message: &OutboxMessage,
        now: Timestamp,
    ) -> Result<(), Undelivered> {
        let message = &message.message;
        let event = OutboundEvent {
            kind: message.kind,
            timestamp: message.at,
            data: OutboundData {
                user_id: message.user.clone(),
                account: message.account.clone(),
            },
        };
        let body = serde_json::to_vec(&event).map_err(|_| Undelivered::Unwritable)?;
        let sent_at = now.as_second();
        let signature = signature::sign(&self.secrets, &message.id, sent_at, &body)
            .ok_or(Undelivered::Unwritable)?;
        let request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", sent_at)
            .header("webhook-signature", signature)
            .body(body);
        // What else it says is of no interest, and is not read.
        let answer = request.send().await.map_err(|error| {
            let error = error.without_url();
            tracing::debug!(error = &error as &dyn std::error::Error, "no delivery");
            if error.is_timeout() {
                Undelivered::Timeout
            } else {
                Undelivered::Unreachable
            }
        })?;
        if answer.status().is_success() {
            return Ok(());
        }
        let seconds = answer.headers().get(RETRY_AFTER);
        let seconds = seconds.and_then(|value| value.to_str().ok()?.parse().ok());
        Err(Undelivered::Refused {
            status: answer.status().as_u16(),
            retry_after: seconds.map(Duration::from_secs),
        })
    }
}
