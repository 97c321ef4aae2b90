//! Whether Mono is asked at all: not while it has said to wait, and not while it keeps failing.
//!
//! One circuit per call of the list, because one of Mono's services may fail alone, and one for the
//! connection, which they all share. Refusals (4xx) are answers: they open nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::observer::{Circuit as Shown, Observer};

/// Failures are counted over this time.
const WINDOW: Duration = Duration::from_mins(1);
/// So many failures, if they are at least half of the calls, open the circuit.
const FAILURES: u32 = 10;
/// How long an open circuit stays so; twice as long each time that a probe fails.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How many calls at once find out whether things are well again.
const PROBES: u32 = 2;

/// The name of the circuit that all calls share.
const CONNECTION: &str = "connection";

/// The circuits of one client, by name. As many as there are kinds of calls.
#[derive(Debug, Default)]
pub(super) struct Circuits {
    by_name: Mutex<HashMap<&'static str, Circuit>>,
}

#[derive(Debug)]
struct Circuit {
    state: State,
    window_began: Instant,
    calls: u32,
    failures: u32,
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
    Probing {
        running: u32,
        pause: Duration,
    },
}

/// Which opening of a circuit a call is to end.
type Probe = Option<u32>;

/// A call that may be sent. Tells its circuits how it ended; without a word, that nobody knows.
#[must_use]
pub(super) struct Admitted<'a> {
    circuits: &'a Circuits,
    observer: &'a dyn Observer,
    name: &'static str,
    /// Of the call's own circuit and of the connection's.
    probes: [Probe; 2],
}

impl Circuits {
    /// Why nothing is sent now, if so. Lets nobody through.
    pub(super) fn refusal(&self, name: &'static str, now: Instant) -> Result<(), Error> {
        refusal(&self.by_name(), name, now)
    }

    /// Lets a call through, or says why not.
    pub(super) fn admit<'a>(
        &'a self,
        name: &'static str,
        observer: &'a dyn Observer,
        now: Instant,
    ) -> Result<Admitted<'a>, Error> {
        let mut circuits = self.by_name();
        refusal(&circuits, name, now)?;
        let probes = [name, CONNECTION].map(|name| {
            let circuit = circuits.entry(name).or_insert_with(|| Circuit::new(now));
            let before = circuit.shown();
            let probe = circuit.begin();
            tell(observer, name, before, circuit.shown());
            probe
        });
        Ok(Admitted {
            circuits: self,
            observer,
            name,
            probes,
        })
    }

    fn by_name(&self) -> MutexGuard<'_, HashMap<&'static str, Circuit>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refusal(
    circuits: &HashMap<&'static str, Circuit>,
    name: &'static str,
    now: Instant,
) -> Result<(), Error> {
    [name, CONNECTION]
        .iter()
        .filter_map(|name| circuits.get(name))
        .try_for_each(|circuit| circuit.refusal(now))
}

impl Admitted<'_> {
    /// Whether the call may be sent once more if it fails. Two failed probes are one too many.
    pub(super) fn may_repeat(&self, now: Instant) -> bool {
        self.probes == [None; 2] && self.circuits.refusal(self.name, now).is_ok()
    }

    /// The call has ended, with this error or well.
    pub(super) fn ends(mut self, error: Option<&Error>, now: Instant) {
        let of_call = error.map_or(Some(true), answered);
        let of_connection = error.is_none_or(connected);
        self.settle([of_call, Some(of_connection)], now);
        if let Some(Error::RateLimited {
            retry_after: Some(wait),
        }) = error
            && let Some(circuit) = self.circuits.by_name().get_mut(self.name)
        {
            circuit.wait_until = circuit.wait_until.max(Some(now + *wait));
        }
    }

    fn settle(&mut self, outcomes: [Option<bool>; 2], now: Instant) {
        let mut circuits = self.circuits.by_name();
        let names = [self.name, CONNECTION];
        for ((name, outcome), probe) in names.into_iter().zip(outcomes).zip(&mut self.probes) {
            if let Some(circuit) = circuits.get_mut(name) {
                let before = circuit.shown();
                circuit.end(probe.take(), outcome, now);
                tell(self.observer, name, before, circuit.shown());
            }
        }
    }
}

impl Drop for Admitted<'_> {
    /// Gives the places of probes back: their caller has gone. Who told an end has none any more.
    fn drop(&mut self) {
        if self.probes != [None; 2] {
            self.settle([None; 2], Instant::now());
        }
    }
}

/// Whether a call that ended so was answered sensibly; none where nobody knows.
const fn answered(error: &Error) -> Option<bool> {
    match error {
        Error::Failed { .. } | Error::Interrupted { .. } | Error::Timeout { sent: true } => {
            Some(false)
        }
        Error::Unreachable { .. } | Error::Timeout { sent: false } => None,
        _ => Some(true),
    }
}

/// Whether a connection came about.
const fn connected(error: &Error) -> bool {
    !matches!(
        error,
        Error::Unreachable { .. } | Error::Timeout { sent: false }
    )
}

impl Circuit {
    const fn new(now: Instant) -> Self {
        Self {
            state: State::Closed,
            window_began: now,
            calls: 0,
            failures: 0,
            opened: 0,
            wait_until: None,
        }
    }

    fn refusal(&self, now: Instant) -> Result<(), Error> {
        if let Some(until) = self.wait_until
            && now < until
        {
            return Err(Error::RateLimited {
                retry_after: Some(until - now),
            });
        }
        match self.state {
            State::Open { until, .. } if now < until => Err(Error::Paused {
                retry_after: until - now,
            }),
            State::Probing { running, .. } if running >= PROBES => Err(Error::Paused {
                retry_after: FIRST_PAUSE,
            }),
            _ => Ok(()),
        }
    }

    /// Lets a call through, as a probe where the circuit is not closed.
    const fn begin(&mut self) -> Probe {
        let (running, pause) = match self.state {
            State::Closed => return None,
            State::Open { pause, .. } => (1, pause),
            State::Probing { running, pause } => (running + 1, pause),
        };
        self.state = State::Probing { running, pause };
        Some(self.opened)
    }

    fn end(&mut self, probe: Probe, well: Option<bool>, now: Instant) {
        match (self.state, probe) {
            (State::Probing { running, pause }, Some(opened)) if opened == self.opened => {
                match well {
                    None => {
                        let running = running.saturating_sub(1);
                        self.state = State::Probing { running, pause };
                    }
                    Some(true) => {
                        self.state = State::Closed;
                        (self.window_began, self.calls, self.failures) = (now, 0, 0);
                    }
                    Some(false) => self.open((pause * 2).min(LONGEST_PAUSE), now),
                }
            }
            (State::Closed, None) => self.count(well, now),
            // What was sent before the circuit opened or closed says nothing new.
            _ => {}
        }
    }

    fn count(&mut self, well: Option<bool>, now: Instant) {
        let Some(well) = well else { return };
        if now.duration_since(self.window_began) >= WINDOW {
            self.window_began = now;
            // What was before still counts, but less.
            self.calls /= 2;
            self.failures /= 2;
        }
        self.calls += 1;
        self.failures += u32::from(!well);
        if self.failures >= FAILURES && self.failures * 2 >= self.calls {
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

    const fn shown(&self) -> Shown {
        match self.state {
            State::Closed => Shown::Closed,
            State::Open { .. } => Shown::Open,
            State::Probing { .. } => Shown::Probing,
        }
    }
}

fn tell(observer: &dyn Observer, name: &'static str, before: Shown, after: Shown) {
    if before != after {
        tracing::warn!(call = name, state = after.as_str(), "the circuit changed");
        observer.circuit_changed(name, after);
    }
}

#[cfg(test)]
mod tests;
