//! The inbox: accepts Mono's events. Durable before the answer; the work comes after, see
//! [`crate::jobs`].

use std::sync::Arc;

use jiff::SignedDuration;
use mono_client::webhook::{WebhookError, WebhookEvent};
use mono_connect_store::{EventKey, NewEvent, Store};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use tokio::sync::Notify;

use crate::clock::SharedClock;

/// An event without an id is the same event if it comes again within this time: Mono tries for two
/// days.
const SAME_CONTENT: SignedDuration = SignedDuration::from_hours(48);

/// Accepts events. Cheap to clone.
#[derive(Clone)]
pub struct Inbox {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    clock: SharedClock,
    // Digests, so that a comparison tells nothing of the length either.
    secrets: Vec<[u8; 32]>,
    arrivals: Arc<Notify>,
}

/// Why an event was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum NotAccepted {
    /// It is none.
    #[error("this is no event")]
    NoEvent(#[from] WebhookError),
    /// It could not be kept.
    #[error("the event could not be kept")]
    Store(#[from] mono_connect_store::Error),
}

impl Inbox {
    /// An inbox for whoever knows one of these secrets.
    pub fn new(store: Arc<dyn Store>, clock: SharedClock, secrets: &[SecretString]) -> Self {
        let digest = |secret: &SecretString| Sha256::digest(secret.expose_secret()).into();
        let secrets = secrets.iter().map(digest).collect();
        Self {
            inner: Arc::new(Inner {
                store,
                clock,
                secrets,
                arrivals: Arc::default(),
            }),
        }
    }

    /// Woken when an event has been kept.
    pub fn arrivals(&self) -> Arc<Notify> {
        Arc::clone(&self.inner.arrivals)
    }

    /// Whether this is one of the secrets. Takes the same time whatever it is.
    pub fn knows(&self, secret: &[u8]) -> bool {
        let given: [u8; 32] = Sha256::digest(secret).into();
        let any = self
            .inner
            .secrets
            .iter()
            .fold(Choice::from(0), |any, secret| any | secret.ct_eq(&given));
        any.into()
    }

    /// Keeps an event. When this returns, it survives the loss of power.
    pub async fn accept(&self, body: Vec<u8>) -> Result<(), NotAccepted> {
        let event = WebhookEvent::parse(&body)?;
        let key = match event.event_id {
            Some(id) => EventKey::Id(id),
            None => EventKey::Content {
                digest: Sha256::digest(&body).into(),
                within: SAME_CONTENT,
            },
        };
        let received_at = self.inner.clock.now();
        let event = NewEvent {
            key,
            name: event.event,
            body,
            account: event.account.and_then(|id| id.as_str().parse().ok()),
            reference: event.reference.and_then(|name| name.parse().ok()),
            received_at,
        };
        self.inner.store.accept_event(event).await?;
        self.inner.arrivals.notify_one();
        Ok(())
    }
}
