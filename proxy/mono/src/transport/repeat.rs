//! Repeats an attempt where that is safe, within the time of one call.
//!
//! What is safe is the attempt's to say; this only counts, pauses and watches the time.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::Instant;

use crate::config::Repeats;
use crate::error::Error;

const GROWTH: f32 = 3.0;

/// An attempt that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    /// Whether asking once more can do no harm.
    pub(super) may_repeat: bool,
}

impl Failure {
    pub(super) const fn is_final(error: Error) -> Self {
        Self {
            error,
            may_repeat: false,
        }
    }
}

/// Runs `attempt` with the time it is allowed, and again where its failure permits it.
///
/// All attempts and pauses together take `budget` at most, and no attempt starts with less than
/// half of it left: a late one would mostly be cut off with its outcome unknown.
pub(super) async fn with_repeats<T, F, Fut>(
    repeats: Repeats,
    budget: Duration,
    name: &'static str,
    mut attempt: F,
) -> Result<T, Error>
where
    F: FnMut(Duration) -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    let started = Instant::now();
    let mut pauses = ExponentialBuilder::default()
        .with_jitter()
        .with_factor(GROWTH)
        .with_min_delay(repeats.pause)
        .with_max_times(repeats.times)
        .build();
    loop {
        let allowed = budget.saturating_sub(started.elapsed());
        let failure = match attempt(allowed).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        if !failure.may_repeat {
            return Err(failure.error);
        }
        let Some(pause) = pauses.next() else {
            return Err(failure.error);
        };
        if started.elapsed() + pause > budget / 2 {
            return Err(failure.error);
        }
        tracing::debug!(call = name, error = %failure.error, "asking Mono once more");
        tokio::time::sleep(pause).await;
    }
}
