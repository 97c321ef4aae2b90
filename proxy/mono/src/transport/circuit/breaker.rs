//! One circuit: counts failures in a row, opens, and lets one call at a time find out whether things
//! are well again.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::id::AccountId;
use crate::observer::Circuit as Shown;

/// Failures further apart than this are not in a row; and a circuit that nobody probed for so long
/// is forgotten.
pub(super) const MEMORY: Duration = Duration::from_mins(1);
/// How long an open circuit stays so; twice as long each time that a probe fails.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(1);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// What it takes to open a circuit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// Failures in a row.
    pub(super) failures: u32,
    /// Accounts among whose calls they were.
    pub(super) accounts: usize,
}

#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
    /// In a row, the last one at this time.
    failures: u32,
    last_failure: Instant,
    /// Whose calls failed, as far as the limit asks.
    failed_for: Vec<AccountId>,
    /// How often it has opened, so that a probe of an earlier time is known.
    opened: u32,
    /// Mono asked to be left alone until then.
    wait_until: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    /// Afterwards, the next call is a probe.
    Open {
        until: Instant,
        pause: Duration,
    },
    /// One call is under way to find out. When it takes too long, another one may try.
    Probing {
        since: Instant,
        pause: Duration,
    },
}

/// Which opening of a circuit a call is to end.
pub(super) type Probe = Option<u32>;

impl Breaker {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            state: State::Closed,
            failures: 0,
            last_failure: now,
            failed_for: Vec::new(),
            opened: 0,
            wait_until: None,
        }
    }

    /// Whether it knows anything that still counts.
    pub(super) fn matters(&self, now: Instant) -> bool {
        let waits = self.is_waited_for(now);
        waits
            || match self.state {
                State::Closed => self.failures > 0 && !is_past(self.last_failure, now),
                State::Open { until, .. } => !is_past(until, now),
                State::Probing { .. } => true,
            }
    }

    pub(super) fn is_waited_for(&self, now: Instant) -> bool {
        self.wait_until.is_some_and(|until| now < until)
    }

    /// Why nothing is sent now, if so. Only who `may_probe` is let through to find out.
    pub(super) fn refusal(&self, may_probe: bool, now: Instant) -> Result<(), Error> {
        if let Some(until) = self.wait_until
            && now < until
        {
            return Err(Error::RateLimited {
                retry_after: Some(until - now),
            });
        }
        let retry_after = match self.state {
            State::Open { until, .. } if now < until => until - now,
            State::Open { until, .. } if !may_probe && !is_past(until, now) => FIRST_PAUSE,
            State::Probing { .. } if !may_probe => FIRST_PAUSE,
            State::Probing { since, pause } if now < since + LONGEST_PAUSE => pause,
            _ => return Ok(()),
        };
        Err(Error::Paused { retry_after })
    }

    /// Lets a call through, as a probe where the circuit is not closed.
    pub(super) fn begin(&mut self, now: Instant) -> Probe {
        let pause = match self.state {
            State::Closed => return None,
            State::Open { until, .. } if is_past(until, now) => {
                self.close();
                return None;
            }
            State::Open { pause, .. } | State::Probing { pause, .. } => pause,
        };
        self.state = State::Probing { since: now, pause };
        Some(self.opened)
    }

    /// A call has ended, well or not; none where nobody knows.
    pub(super) fn end(
        &mut self,
        probe: Probe,
        well: Option<bool>,
        limit: Limit,
        account: Option<&AccountId>,
        now: Instant,
    ) {
        match (self.state, probe) {
            (State::Probing { pause, .. }, Some(opened)) if opened == self.opened => match well {
                None => self.state = State::Open { until: now, pause },
                Some(true) => self.close(),
                Some(false) => self.open((pause * 2).min(LONGEST_PAUSE), now),
            },
            (State::Closed, None) => match well {
                None => {}
                Some(true) => self.close(),
                Some(false) => self.count(limit, account, now),
            },
            // What was sent before the circuit opened or closed says nothing new.
            _ => {}
        }
    }

    /// Mono asks to be left alone for so long.
    pub(super) fn wait(&mut self, wait: Duration, now: Instant) {
        self.wait_until = self.wait_until.max(Some(now + wait));
    }

    fn count(&mut self, limit: Limit, account: Option<&AccountId>, now: Instant) {
        if is_past(self.last_failure, now) {
            self.close();
        }
        self.failures += 1;
        self.last_failure = now;
        if let Some(account) = account
            && self.failed_for.len() < limit.accounts
            && !self.failed_for.contains(account)
        {
            self.failed_for.push(account.clone());
        }
        let accounts = account.map_or(limit.accounts, |_| self.failed_for.len());
        if self.failures >= limit.failures && accounts >= limit.accounts {
            self.open(FIRST_PAUSE, now);
        }
    }

    fn open(&mut self, pause: Duration, now: Instant) {
        self.opened = self.opened.wrapping_add(1);
        self.state = State::Open {
            until: now + pause,
            pause,
        };
    }

    fn close(&mut self) {
        self.state = State::Closed;
        self.failures = 0;
        self.failed_for.clear();
    }

    pub(super) const fn shown(&self) -> Shown {
        match self.state {
            State::Closed => Shown::Closed,
            State::Open { .. } => Shown::Open,
            State::Probing { .. } => Shown::Probing,
        }
    }
}

fn is_past(then: Instant, now: Instant) -> bool {
    now.saturating_duration_since(then) >= MEMORY
}
