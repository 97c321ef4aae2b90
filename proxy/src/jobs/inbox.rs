//! Working through the inbox.

use std::pin::pin;
use std::time::Duration;

use jiff::SignedDuration;
use mono_client::webhook::{Kind, WebhookEvent};
use mono_connect_shared::Timestamp;
use mono_connect_store::{Body, InboxEvent};
use tokio::task::JoinSet;
use tracing::{Instrument as _, Span};

use super::Jobs;
use crate::accounts::{Error, Taken};
use crate::telemetry::traces::{Work, work, work_failed};

/// An event that was claimed by a process that died is due again after this. Whoever lives says so
/// often enough.
const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// How often an event that is being worked on is claimed anew.
const RENEWAL: Duration = Duration::from_secs(5);

/// Events at once. One slow answer of Mono's must not hold up the others.
pub(super) const AT_ONCE: usize = 32;

/// Mono is not asked about an event for ever: what it says by then is known by other ways.
const LONGEST_TRY: SignedDuration = SignedDuration::from_hours(48);

impl Jobs {
    /// Events that are due, `limit` at most.
    pub(super) async fn claim_events(&self, limit: usize) -> Vec<InboxEvent> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        if limit == 0 {
            return Vec::new();
        }
        match self
            .store
            .claim_events(self.clock.now(), LEASE, limit)
            .await
        {
            Ok(events) => events,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the inbox cannot be read"
                );
                Vec::new()
            }
        }
    }

    /// Works on events that are due, to their end; how many there were.
    pub(super) async fn work_on_batch(&self) -> usize {
        let events = self.claim_events(AT_ONCE).await;
        let count = events.len();
        let mut running = JoinSet::new();
        for event in events {
            let jobs = self.clone();
            running.spawn(async move { jobs.work_on(event).await });
        }
        // A panic was logged by the hook; the event is due again when its lease is over.
        while running.join_next().await.is_some() {}
        count
    }

    /// Works on an event. Gives the time after which it is due again, when that is soon.
    pub(super) async fn work_on(&self, event: InboxEvent) -> Option<Duration> {
        let span = work("inbox_event", Work::Event);
        span.record("mono_connect.attempt", event.attempts);
        self.traced(event, &span).instrument(span.clone()).await
    }

    async fn traced(&self, event: InboxEvent, span: &Span) -> Option<Duration> {
        let (outcome, body) = match WebhookEvent::parse(&event.body) {
            Ok(parsed) => {
                span.record("mono_connect.event", parsed.kind.name());
                let understood = !matches!(parsed.kind, Kind::Other | Kind::Unreadable { .. });
                let body = if understood { Body::Erased } else { Body::Kept };
                (self.take(&parsed, &event).await, body)
            }
            // It was an event when it was accepted.
            Err(_) => (Ok(Taken::Done), Body::Kept),
        };
        let soon = match &outcome {
            Ok(Taken::Later(wait)) => Duration::try_from(*wait).ok(),
            _ => None,
        };
        let settled = match outcome {
            // Done; or what it is about is gone, and nothing is left to apply it to.
            Ok(Taken::Done) | Err(Error::AccountNotFound | Error::ReferenceMismatch) => {
                self.store
                    .finish_event(event.id, self.clock.now(), body)
                    .await
            }
            Ok(Taken::Gone) => {
                self.store
                    .finish_event(event.id, self.clock.now(), Body::Erased)
                    .await
            }
            Ok(Taken::Later(wait)) => self.retry(&event, wait).await,
            Ok(Taken::WaitsFor(awaited)) => match self.store.park_event(event.id, &awaited).await {
                Ok(true) => Ok(()),
                Ok(false) => self.retry(&event, SignedDuration::ZERO).await,
                Err(error) => Err(error),
            },
            Err(error) => {
                work_failed(span, error.name());
                tracing::warn!(
                    event = event.id,
                    attempts = event.attempts,
                    error = &error as &dyn std::error::Error,
                    "an event could not be applied"
                );
                self.retry(&event, pause(event.attempts)).await
            }
        };
        if let Err(error) = settled {
            // Then it is due again when its lease is over.
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the inbox cannot be written"
            );
        }
        soon
    }

    /// Has the event applied, and keeps it claimed for as long as that takes.
    async fn take(&self, parsed: &WebhookEvent, event: &InboxEvent) -> Result<Taken, Error> {
        let mut taking = pin!(self.accounts.take(parsed, event.received_at));
        loop {
            if let Ok(taken) = tokio::time::timeout(RENEWAL, &mut taking).await {
                return taken;
            }
            let now = self.clock.now();
            let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
            self.store.retry_event(event.id, until).await?;
        }
    }

    async fn retry(
        &self,
        event: &InboxEvent,
        wait: SignedDuration,
    ) -> Result<(), mono_connect_store::Error> {
        let now = self.clock.now();
        if now.duration_since(event.received_at) > LONGEST_TRY {
            tracing::error!(event = event.id, "an event was given up");
            self.metrics.event_given_up();
            return self.store.finish_event(event.id, now, Body::Kept).await;
        }
        let at = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        self.store.retry_event(event.id, at).await
    }
}

/// Longer with every attempt: 2, 4, 8 … seconds, at most 10 minutes.
fn pause(attempts: u32) -> SignedDuration {
    SignedDuration::from_secs(1_i64 << attempts.clamp(1, 9)).min(SignedDuration::from_mins(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let pauses: Vec<_> = [0, 1, 2, 3, 9, 40, u32::MAX]
            .map(|n| pause(n).as_secs())
            .into();
        assert_eq!(pauses, [2, 2, 4, 8, 512, 512, 512]);
    }
}
