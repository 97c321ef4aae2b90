//! Delivering events to the site's own back end, until they are taken or given up.

use std::time::Duration;

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::outbound::OutboundType;
use mono_connect_store::OutboxMessage;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::Jobs;
use crate::config::ReminderWindow;
use crate::outbox::{Courier, Undelivered};
use crate::telemetry::DeliveryOutcome;
use crate::telemetry::traces::{Work, work, work_failed};

/// What was claimed by a process that died is due again after this. Longer than a delivery takes.
const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// Messages at once, of as many accounts.
pub(super) const AT_ONCE: usize = 16;

/// In seconds: how long to wait after each try that failed. Two days and a half in all.
const PAUSES: [u32; 11] = [
    5, 30, 300, 1_800, 7_200, 18_000, 36_000, 36_000, 36_000, 36_000, 36_000,
];

/// No wish of a target's to wait is granted for longer.
const LONGEST_WISH: Duration = Duration::from_hours(1);

/// Tells the site's back end.
#[derive(Clone)]
pub(crate) struct BackEnd {
    /// How.
    pub(crate) courier: Courier,
    /// When it is told of what is only to be remembered.
    pub(crate) reminders: ReminderWindow,
}

impl Jobs {
    /// Messages that are due, `limit` at most.
    pub(super) async fn claim_messages(&self, limit: usize) -> Vec<OutboxMessage> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        if limit == 0 {
            return Vec::new();
        }
        match self
            .store
            .claim_messages(self.clock.now(), LEASE, limit)
            .await
        {
            Ok(messages) => messages,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the outbox cannot be read"
                );
                Vec::new()
            }
        }
    }

    /// Delivers messages that are due; how many there were.
    pub(super) async fn deliver_batch(&self) -> usize {
        let Some(back_end) = self.back_end.as_ref() else {
            return 0;
        };
        let messages = self.claim_messages(AT_ONCE).await;
        let count = messages.len();
        let mut running = JoinSet::new();
        for message in messages {
            let (jobs, back_end) = (self.clone(), back_end.clone());
            running.spawn(async move { jobs.deliver(&back_end, message).await });
        }
        // A panic was logged by the hook; the message is due again when its lease is over.
        while running.join_next().await.is_some() {}
        count
    }

    /// Delivers a message, or says when it is tried again.
    pub(super) async fn deliver(&self, back_end: &BackEnd, message: OutboxMessage) {
        match self.is_overdue(&back_end.reminders, &message).await {
            Ok(false) => {}
            Ok(true) => {
                tracing::info!(
                    event = message.message.id,
                    "a reminder came too late and is left out"
                );
                let left_out = self.store.finish_message(&message, self.clock.now()).await;
                return log_unsettled(left_out);
            }
            Err(error) => return log_unsettled(Err(error)),
        }
        let span = work("delivery", Work::Delivery);
        span.record("mono_connect.event", message.message.kind.as_str());
        span.record("mono_connect.attempt", message.attempts);
        let delivering = back_end.courier.deliver(&message, self.clock.now());
        let delivered = delivering.instrument(span.clone()).await;
        if let Err(undelivered) = &delivered {
            work_failed(&span, undelivered.word());
            if let Undelivered::Refused { status, .. } = undelivered {
                span.record("http.response.status_code", status);
            }
        }
        // What follows is the store's.
        drop(span);
        let now = self.clock.now();
        let settled = match &delivered {
            Ok(()) => {
                self.metrics.delivered(DeliveryOutcome::Delivered);
                self.store.finish_message(&message, now).await
            }
            Err(undelivered) => self.put_off(&message, undelivered, now).await,
        };
        log_unsettled(settled);
    }

    /// Whether it is a reminder that nobody wants any more: a target that could not be reached must
    /// not make the site wake its users at night, or ask for a login that has been.
    async fn is_overdue(
        &self,
        reminders: &ReminderWindow,
        message: &OutboxMessage,
    ) -> Result<bool, mono_connect_store::Error> {
        let message = &message.message;
        if message.kind != OutboundType::ReauthorisationReminder {
            return Ok(false);
        }
        let open_since = reminders.open_since(self.clock.now());
        if open_since.is_none_or(|open_since| message.at < open_since) {
            return Ok(true);
        }
        let id = &message.account.id;
        let record = self.store.find_account(&message.user, id).await?;
        let linked = record.as_ref().and_then(|record| record.state.as_linked());
        Ok(linked.is_none_or(|linked| linked.authorisation.required().is_none()))
    }

    async fn put_off(
        &self,
        message: &OutboxMessage,
        undelivered: &Undelivered,
        now: Timestamp,
    ) -> Result<(), mono_connect_store::Error> {
        let roll = crate::random::number(self.random.as_ref());
        let Some(pause) = pause(message.attempts, roll) else {
            tracing::error!(
                event = message.message.id,
                error = undelivered as &dyn std::error::Error,
                "an event for the back end was given up"
            );
            self.metrics.delivered(DeliveryOutcome::GivenUp);
            let word = undelivered.word();
            return self.store.give_up_message(message, now, word).await;
        };
        tracing::warn!(
            event = message.message.id,
            attempts = message.attempts,
            error = undelivered as &dyn std::error::Error,
            "an event could not be delivered to the back end"
        );
        self.metrics.delivered(DeliveryOutcome::Failed);
        let wish = match undelivered {
            Undelivered::Refused { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let wish = SignedDuration::try_from(wish.min(LONGEST_WISH)).unwrap_or_default();
        let at = now.checked_add(pause.max(wish)).unwrap_or(Timestamp::MAX);
        self.store
            .retry_message(message.number, at, undelivered.word())
            .await
    }

    /// Writes what is told because time has passed.
    pub(super) async fn nudge(&self) {
        let Some(back_end) = &self.back_end else {
            return;
        };
        let open_since = back_end.reminders.open_since(self.clock.now());
        let reminded = match open_since {
            Some(since) => self.accounts.remind(since).await,
            None => Ok(0),
        };
        let stale = self.accounts.tell_stale().await;
        for error in [reminded.err(), stale.err()].into_iter().flatten() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the back end cannot be reminded"
            );
        }
    }
}

/// What could not be settled is due again when its lease is over.
fn log_unsettled(settled: Result<(), mono_connect_store::Error>) {
    if let Err(error) = settled {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "a message of the outbox cannot be settled"
        );
    }
}

/// How long to wait after so many tries: up to a fifth less than planned, so that what failed
/// together does not come back together. None after the last.
fn pause(attempts: u32, roll: u32) -> Option<SignedDuration> {
    let tried = usize::try_from(attempts.max(1)).ok()?;
    let planned = u64::from(*PAUSES.get(tried - 1)?) * 1000;
    let less = planned * u64::from(roll % 1000) / 5000;
    i64::try_from(planned - less)
        .ok()
        .map(SignedDuration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_is_soon_and_the_last_after_days() {
        assert_eq!(pause(1, 0), Some(SignedDuration::from_secs(5)));
        assert_eq!(pause(1, 999), Some(SignedDuration::from_millis(4_001)));
        let all: Vec<_> = (1..20).map_while(|attempts| pause(attempts, 0)).collect();
        let total: SignedDuration = all.iter().fold(SignedDuration::ZERO, |sum, one| sum + *one);
        assert!(all.is_sorted());
        assert!(total > SignedDuration::from_hours(48), "{total:?}");
        assert_eq!(pause(12, 0), None);
        assert_eq!(pause(u32::MAX, 0), None);
        assert_eq!(pause(0, 0), pause(1, 0));
    }
}
