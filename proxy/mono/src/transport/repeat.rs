//! Repeats an attempt where that is safe, within the time of one call.
//!
//! What is safe is the attempt's to say; this only counts, pauses and watches the time.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::{Dice, Repeats};
use crate::error::Error;

/// So many times as long may each pause be as the one before.
const GROWTH: u32 = 3;
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Whoever is asked to wait for longer is told so, instead of being kept waiting without a word.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// An attempt that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) repeat: Repeat,
}

/// Whether asking once more can do no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    Never,
    Soon,
    /// Not before Mono wants it.
    After(Duration),
}

impl Failure {
    pub(super) const fn is_final(error: Error) -> Self {
        Self {
            error,
            repeat: Repeat::Never,
        }
    }
}

/// When the attempts of one call may begin.
pub(super) struct Rhythm<'a> {
    pub(super) repeats: Repeats,
    /// None begins after this.
    pub(super) last_start: Instant,
    pub(super) dice: &'a Dice,
}

impl Rhythm<'_> {
    /// How long to wait before the next attempt, after so many repeats. `None`: there is none.
    fn pause(&self, repeat: Repeat, repeated: u32) -> Option<Duration> {
        let least = match repeat {
            Repeat::Soon => Duration::ZERO,
            Repeat::After(wait) if wait <= LONGEST_WAIT => wait,
            Repeat::Never | Repeat::After(_) => return None,
        };
        if repeated >= self.repeats.times {
            return None;
        }
        let longest = self.repeats.pause;
        let longest = longest.saturating_mul(GROWTH.saturating_pow(repeated));
        // Any part of it, so that those who failed together do not come back together.
        let pause = least + longest.min(LONGEST_PAUSE) * (self.dice)() / u32::MAX;
        (Instant::now() + pause <= self.last_start).then_some(pause)
    }
}

/// Runs `attempt`, and again where its failure permits it.
pub(super) async fn with_repeats<T, F, Fut>(
    rhythm: &Rhythm<'_>,
    name: &'static str,
    mut attempt: F,
) -> Result<T, Error>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    let mut repeated = 0;
    loop {
        let failure = match attempt().await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        let Some(pause) = rhythm.pause(failure.repeat, repeated) else {
            return Err(failure.error);
        };
        tracing::debug!(call = name, error = %failure.error, "asking Mono once more");
        tokio::time::sleep(pause).await;
        repeated += 1;
    }
}
