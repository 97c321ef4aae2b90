//! Deliveries: planned, attempted, repeated with growing delays until a 200, and remembered.
//! Plans and records only; the sending itself is the `sender`'s.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Event;
use super::payload::event_name;
use crate::clock::{iso, later, parse_duration};
use crate::world::{Due, Refusal, World};

const MOST_ATTEMPTS: usize = 25;
const LONGEST_TRYING: Duration = Duration::from_hours(48);
const FIRST_RETRY: Duration = Duration::from_secs(30);
const LONGEST_RETRY: Duration = Duration::from_hours(3);
/// A held-back event goes out by itself after this time.
const HELD_BACK: Duration = Duration::from_mins(1);

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not answered with 200 yet.
    Pending,
    /// Answered with 200.
    Delivered,
    /// Every attempt failed.
    GaveUp,
    /// Never sent, because the settings say so.
    Dropped,
    /// Never sent, because there is no target.
    NoUrl,
}

/// One try to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Simulator time.
    pub at: String,
    /// Status of the answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
}

/// One webhook on its way to the business.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Counts from 1.
    pub number: u64,
    /// Event name.
    pub event: String,
    /// Id in the payload; the unversioned webhooks have none.
    pub event_id: Option<String>,
    /// The linked account that it is about; handmade webhooks have none.
    pub account: Option<String>,
    /// Body as it is sent.
    pub payload: Value,
    /// Sent with a wrong secret, once.
    pub forged: bool,
    /// When it was planned, simulator time.
    pub planned_at: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// So far.
    pub attempts: Vec<Attempt>,
    #[serde(skip)]
    planned: Timestamp,
    #[serde(skip)]
    secret: Option<String>,
    #[serde(skip)]
    once: bool,
}

/// A webhook that a test writes itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandmadeWebhook {
    /// Body, sent as it is.
    pub payload: Value,
    /// Another value for `mono-webhook-secret` than the right one.
    #[serde(default)]
    pub secret: Option<String>,
    /// Repeat until it is answered with 200.
    #[serde(default)]
    pub retry: bool,
}

/// What the sender needs for one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) url: String,
    pub(crate) secret: String,
    pub(crate) body: String,
    pub(crate) timeout: Duration,
}

/// How one attempt ended: a status, or why there was none.
pub(crate) type Sent = Result<u16, String>;

impl World {
    /// Tells the business about an account.
    pub(crate) fn emit(&mut self, account: &str, event: &Event) {
        let Ok(account) = self.account(account).cloned() else {
            return;
        };
        let name = event_name(event, &self.settings.dialect);
        let payload = self.payload(&account, event);
        let start = later(self.now(), self.delay_of(name));
        if self.is_dropped(name) {
            self.record(name, payload, Some(&account.id), DeliveryState::Dropped);
            return;
        }
        if self.settings.webhook.forged {
            let forged = self.record(
                name,
                payload.clone(),
                Some(&account.id),
                DeliveryState::Pending,
            );
            self.mark(forged, |d| (d.forged, d.once) = (true, true));
            self.deliver_at(start, forged);
        }
        let first = self.record(
            name,
            payload.clone(),
            Some(&account.id),
            DeliveryState::Pending,
        );
        self.start_delivery(&account.id, first, start);
        for _ in 0..self.settings.webhook.duplicate {
            let copy = self.record(
                name,
                payload.clone(),
                Some(&account.id),
                DeliveryState::Pending,
            );
            self.deliver_at(start, copy);
        }
    }

    /// Sends what a test wrote.
    pub(crate) fn emit_handmade(&mut self, webhook: HandmadeWebhook) -> u64 {
        let event = webhook.payload["event"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let number = self.record(&event, webhook.payload, None, DeliveryState::Pending);
        self.mark(number, |d| {
            d.secret = webhook.secret;
            d.once = !webhook.retry;
        });
        self.deliver_at(self.now(), number);
        number
    }

    /// Sends a delivery again, whatever became of it.
    pub(crate) fn replay(&mut self, number: u64) -> Result<(), Refusal> {
        let known = self.mark(number, |d| d.state = DeliveryState::Pending);
        known.ok_or_else(|| Refusal::Invalid(format!("no delivery {number}")))?;
        self.deliver_at(self.now(), number);
        Ok(())
    }

    /// What to send for this delivery now; nothing when it is settled or has no target.
    pub(crate) fn begin_attempt(&mut self, number: u64) -> Option<Outgoing> {
        let webhook = self.settings.webhook.clone();
        let Some(url) = webhook.url else {
            self.mark(number, |d| d.state = DeliveryState::NoUrl);
            return None;
        };
        let delivery = self.deliveries.iter().find(|d| d.number == number)?;
        if delivery.state != DeliveryState::Pending {
            return None;
        }
        let forged = delivery
            .forged
            .then(|| "forged-by-the-simulator".to_owned());
        let secret = delivery.secret.clone().or(forged).unwrap_or(webhook.secret);
        let body = delivery.payload.to_string();
        Some(Outgoing {
            url,
            secret,
            body,
            timeout: webhook.timeout,
        })
    }

    /// Notes how an attempt ended and plans the next one.
    pub(crate) fn end_attempt(&mut self, number: u64, sent: Sent) {
        let now = self.now();
        let (status, error) = match sent {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(error)),
        };
        let attempt = Attempt {
            at: iso(now),
            status,
            error,
        };
        let retry_at = self.mark(number, |delivery| {
            delivery.attempts.push(attempt);
            let next = later(now, retry_delay(delivery.attempts.len()));
            let too_late = next > later(delivery.planned, LONGEST_TRYING);
            let last = delivery.once || too_late || delivery.attempts.len() >= MOST_ATTEMPTS;
            delivery.state = match status {
                Some(200) => DeliveryState::Delivered,
                _ if last => DeliveryState::GaveUp,
                _ => DeliveryState::Pending,
            };
            (delivery.state == DeliveryState::Pending).then_some(next)
        });
        if let Some(Some(at)) = retry_at {
            self.deliver_at(at, number);
        }
    }

    /// Sends the held-back webhook of an account, if it still waits.
    pub(crate) fn release(&mut self, account: &str, number: u64) {
        if self.held_back.get(account) == Some(&number) {
            self.held_back.remove(account);
            self.deliver_at(self.now(), number);
        }
    }

    fn start_delivery(&mut self, account: &str, number: u64, at: Timestamp) {
        if !self.settings.webhook.reorder {
            self.deliver_at(at, number);
            return;
        }
        if let Some(held) = self.held_back.remove(account) {
            self.deliver_at(at, number);
            self.deliver_at(at, held);
        } else {
            self.held_back.insert(account.to_owned(), number);
            let release = Due::Release {
                account: account.to_owned(),
                delivery: number,
            };
            self.agenda.add(later(at, HELD_BACK), release);
        }
    }

    fn record(
        &mut self,
        event: &str,
        payload: Value,
        account: Option<&str>,
        state: DeliveryState,
    ) -> u64 {
        let planned = self.now();
        let number = self.next_delivery;
        self.next_delivery += 1;
        self.deliveries.push(Delivery {
            number,
            event: event.to_owned(),
            event_id: payload["event_id"].as_str().map(str::to_owned),
            account: account.map(str::to_owned),
            payload,
            forged: false,
            planned_at: iso(planned),
            state,
            attempts: Vec::new(),
            planned,
            secret: None,
            once: false,
        });
        number
    }

    fn mark<T>(&mut self, number: u64, change: impl FnOnce(&mut Delivery) -> T) -> Option<T> {
        self.deliveries
            .iter_mut()
            .rev()
            .find(|d| d.number == number)
            .map(change)
    }

    fn deliver_at(&mut self, at: Timestamp, delivery: u64) {
        self.agenda.add(at, Due::Deliver { delivery });
    }

    fn is_dropped(&self, event: &str) -> bool {
        self.settings
            .webhook
            .drop
            .iter()
            .any(|name| name == "*" || names(name, event))
    }

    fn delay_of(&self, event: &str) -> Duration {
        let webhook = &self.settings.webhook;
        let further = webhook.delays.iter().find(|(name, _)| names(name, event));
        let further = further
            .and_then(|(_, text)| parse_duration(text).ok())
            .unwrap_or_default();
        webhook.delay.saturating_add(further)
    }
}

/// True when `name` is the event, with or without its prefix.
fn names(name: &str, event: &str) -> bool {
    name == event || event.rsplit('.').next() == Some(name)
}

/// 30 s, 1 min, 2 min, … up to three hours.
fn retry_delay(attempts_made: usize) -> Duration {
    let doublings = u32::try_from(attempts_made.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .min(10);
    FIRST_RETRY
        .saturating_mul(1 << doublings)
        .min(LONGEST_RETRY)
}
