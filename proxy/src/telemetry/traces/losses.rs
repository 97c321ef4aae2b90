//! How many spans wait, and how many never arrived.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::telemetry::metrics::{Metrics, SpanOutcome};

/// No more than one line about losses in this time.
const PAUSE: Duration = Duration::from_mins(1);

/// What becomes of spans, counted, and told at a low rate.
#[derive(Debug, Default)]
pub(super) struct Losses {
    waiting: AtomicUsize,
    lost: AtomicU64,
    told: Mutex<Option<Instant>>,
    metrics: OnceLock<Metrics>,
    ending: CancellationToken,
}

impl Losses {
    /// Counts in these, too. A second one changes nothing.
    pub(super) fn count_in(&self, metrics: &Metrics) {
        drop(self.metrics.set(metrics.clone()));
    }

    /// Whether there is room for one more among those that wait.
    pub(super) fn enters(&self, room: usize) -> bool {
        if self.waiting.fetch_add(1, Ordering::Relaxed) < room {
            return true;
        }
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.count(SpanOutcome::Dropped, 1);
        false
    }

    /// These do not wait any more.
    pub(super) fn leave(&self, spans: usize) {
        self.waiting.fetch_sub(spans, Ordering::Relaxed);
    }

    /// Counts what became of spans.
    pub(super) fn count(&self, outcome: SpanOutcome, spans: u64) {
        if outcome != SpanOutcome::Exported {
            self.lost.fetch_add(spans, Ordering::Relaxed);
        }
        if let Some(metrics) = self.metrics.get() {
            metrics.spans_ended(outcome, spans);
        }
    }

    /// Tells the log of what was lost since the last time, unless that was just now.
    pub(super) fn tell(&self, reason: &str) {
        let now = Instant::now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|told| now.duration_since(told) < PAUSE) {
            return;
        }
        let spans = self.lost.swap(0, Ordering::Relaxed);
        if spans > 0 {
            *told = Some(now);
            tracing::warn!(
                spans,
                reason,
                "OTEL_EXPORTER_OTLP_ENDPOINT: traces were not exported"
            );
        }
    }

    /// From now on nothing is tried twice.
    pub(super) fn end(&self) {
        self.ending.cancel();
    }

    /// Pauses before another try. Whether there is one.
    pub(super) async fn pauses(&self, pause: Duration) -> bool {
        let paused = tokio::time::sleep(pause);
        self.ending.run_until_cancelled(paused).await.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_is_counted() {
        let losses = Losses::default();
        let metrics = Metrics::default();
        losses.count_in(&metrics);
        let entered = [1; 5].map(|_| losses.enters(3));
        assert_eq!(entered, [true, true, true, false, false]);
        losses.leave(2);
        assert!(losses.enters(3) && losses.enters(3) && !losses.enters(3));
        let text = metrics.render().unwrap();
        let line = "mono_connect_trace_spans_total{outcome=\"dropped\"} 3\n";
        assert!(text.contains(line), "{text}");
    }
}
