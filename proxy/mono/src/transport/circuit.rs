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
    /// Mono asked to be left alone until then.
    wait_until: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Instant, pause: Duration },
    Probing { running: u32, pause: Duration },
}

/// A call that may be sent. Tells its circuits how it ended; without a word, that nobody knows.
#[must_use]
pub(super) struct Admitted<'a> {
    circuits: &'a Circuits,
    observer: &'a dyn Observer,
    name: &'static str,
    /// As which kind of call it was let through by the call's own circuit and the connection's.
    probes: [bool; 2],
}

impl Circuits {
    /// Why nothing is sent now, if so. Lets nobody through.
    pub(super) fn refusal(&self, name: &'static str, now: Instant) -> Option<Error> {
        let mut circuits = self.by_name();
        [name, CONNECTION]
            .into_iter()
            .find_map(|name| circuits.get_mut(name)?.refusal(now))
    }

    /// Lets a call through, or says why not.
    pub(super) fn admit<'a>(
        &'a self,
        name: &'static str,
        observer: &'a dyn Observer,
        now: Instant,
    ) -> Result<Admitted<'a>, Error> {
        if let Some(error) = self.refusal(name, now) {
            return Err(error);
        }
        let mut circuits = self.by_name();
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

impl Admitted<'_> {
    /// The call has ended so.
    pub(super) fn ends<T>(mut self, result: &Result<T, Error>, now: Instant) {
        let error = result.as_ref().err();
        let of_call = error.map_or(Some(true), answered);
        let of_connection = error.is_none_or(connected);
        self.settle([of_call, Some(of_connection)], now);
        if let Some(Error::RateLimited {
            retry_after: Some(wait),
        }) = error
            && let Some(circuit) = self.circuits.by_name().get_mut(self.name)
        {
            circuit.wait_until = Some(now + *wait);
        }
    }

    fn settle(&mut self, outcomes: [Option<bool>; 2], now: Instant) {
        let mut circuits = self.circuits.by_name();
        let names = [self.name, CONNECTION];
        for ((name, outcome), probe) in names.into_iter().zip(outcomes).zip(&mut self.probes) {
            if let Some(circuit) = circuits.get_mut(name) {
                let before = circuit.shown();
                circuit.end(std::mem::take(probe), outcome, now);
                tell(self.observer, name, before, circuit.shown());
            }
        }
    }
}

impl Drop for Admitted<'_> {
    /// Gives the places of probes back. Those who told their end have none any more.
    fn drop(&mut self) {
        if self.probes != [false; 2] {
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
            wait_until: None,
        }
    }

    fn refusal(&mut self, now: Instant) -> Option<Error> {
        if let Some(until) = self.wait_until {
            if now < until {
                return Some(Error::RateLimited {
                    retry_after: Some(until - now),
                });
            }
            self.wait_until = None;
        }
        if let State::Open { until, pause } = self.state
            && now >= until
        {
            self.state = State::Probing { running: 0, pause };
        }
        match self.state {
            State::Open { until, .. } => Some(Error::Paused {
                retry_after: until - now,
            }),
            State::Probing { running, .. } if running >= PROBES => Some(Error::Paused {
                retry_after: FIRST_PAUSE,
            }),
            State::Closed | State::Probing { .. } => None,
        }
    }

    /// Whether the call that is let through is a probe.
    const fn begin(&mut self) -> bool {
        match &mut self.state {
            State::Probing { running, .. } => {
                *running += 1;
                true
            }
            State::Closed | State::Open { .. } => false,
        }
    }

    fn end(&mut self, probe: bool, well: Option<bool>, now: Instant) {
        if probe && let State::Probing { running, pause } = &mut self.state {
            *running = running.saturating_sub(1);
            match well {
                None => {}
                Some(true) => *self = Self::new(now),
                Some(false) => {
                    let pause = (*pause * 2).min(LONGEST_PAUSE);
                    self.open(pause, now);
                }
            }
            return;
        }
        // What was sent before the circuit opened says nothing new.
        let (State::Closed, Some(well)) = (self.state, well) else {
            return;
        };
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
mod tests {
    use super::*;
    use crate::observer::Nobody;

    fn failed() -> Result<(), Error> {
        Err(Error::Failed { status: 503 })
    }

    fn end(circuits: &Circuits, result: &Result<(), Error>, now: Instant) -> Result<(), Error> {
        circuits.admit("balance", &Nobody, now)?.ends(result, now);
        Ok(())
    }

    fn opened(now: Instant) -> Circuits {
        let circuits = Circuits::default();
        for _ in 0..FAILURES {
            end(&circuits, &failed(), now).unwrap();
        }
        circuits
    }

    #[test]
    fn ten_failures_open_it_for_their_call_only() {
        let now = Instant::now();
        let circuits = opened(now);
        let refusal = end(&circuits, &Ok(()), now).unwrap_err();
        let Error::Paused { retry_after } = refusal else {
            panic!("{refusal:?}");
        };
        assert_eq!(retry_after, FIRST_PAUSE);
        assert!(circuits.refusal("transactions", now).is_none());
    }

    #[test]
    fn failures_among_many_successes_and_refusals_open_nothing() {
        let now = Instant::now();
        let circuits = Circuits::default();
        for _ in 0..100 {
            end(&circuits, &failed(), now).unwrap();
            end(&circuits, &Ok(()), now).unwrap();
            end(&circuits, &Err(Error::NotFound), now).unwrap();
        }
        for _ in 0..100 {
            let refused = Err(Error::RateLimited { retry_after: None });
            end(&circuits, &refused, now).unwrap();
        }
    }

    #[test]
    fn old_failures_count_less_and_less() {
        let mut now = Instant::now();
        let circuits = Circuits::default();
        for _ in 0..50 {
            for _ in 0..4 {
                end(&circuits, &failed(), now).unwrap();
            }
            now += WINDOW;
        }
    }

    #[test]
    fn two_probes_decide() {
        let now = Instant::now();
        let circuits = opened(now);
        let later = now + FIRST_PAUSE;
        let first = circuits.admit("balance", &Nobody, later).unwrap();
        let second = circuits.admit("balance", &Nobody, later).unwrap();
        assert!(circuits.admit("balance", &Nobody, later).is_err());
        // One whose caller has gone gives its place to another.
        drop(first);
        let third = circuits.admit("balance", &Nobody, later).unwrap();
        third.ends(&failed(), later);
        let refusal = circuits.refusal("balance", later).unwrap();
        assert!(
            matches!(refusal, Error::Paused { retry_after } if retry_after == FIRST_PAUSE * 2),
            "{refusal:?}"
        );
        // What comes after the decision changes nothing.
        second.ends(&Ok(()), later);
        assert!(circuits.refusal("balance", later).is_some());
        let well = later + FIRST_PAUSE * 2;
        end(&circuits, &Ok(()), well).unwrap();
        for _ in 0..FAILURES - 1 {
            end(&circuits, &failed(), well).unwrap();
        }
        assert!(circuits.refusal("balance", well).is_none(), "closed anew");
    }

    #[test]
    fn the_pause_has_an_end() {
        let mut now = Instant::now();
        let circuits = opened(now);
        for _ in 0..10 {
            now += LONGEST_PAUSE;
            end(&circuits, &failed(), now).unwrap();
        }
        assert!(circuits.refusal("balance", now + LONGEST_PAUSE).is_none());
    }

    #[test]
    fn without_a_connection_nothing_is_sent() {
        let now = Instant::now();
        let circuits = Circuits::default();
        for name in ["balance", "transactions"] {
            for _ in 0..5 {
                let admitted = circuits.admit(name, &Nobody, now).unwrap();
                admitted.ends::<()>(&Err(Error::Timeout { sent: false }), now);
            }
        }
        assert!(circuits.refusal("identity", now).is_some());
    }

    #[test]
    fn mono_is_left_alone_as_long_as_it_asks() {
        let now = Instant::now();
        let circuits = Circuits::default();
        let wait = Duration::from_secs(7);
        let limited = Err(Error::RateLimited {
            retry_after: Some(wait),
        });
        end(&circuits, &limited, now).unwrap();
        let refusal = circuits.refusal("balance", now + Duration::from_secs(2));
        assert!(
            matches!(refusal, Some(Error::RateLimited { retry_after: Some(left) })
                if left == Duration::from_secs(5)),
            "{refusal:?}"
        );
        assert!(circuits.refusal("transactions", now).is_none());
        assert!(circuits.refusal("balance", now + wait).is_none());
    }
}
