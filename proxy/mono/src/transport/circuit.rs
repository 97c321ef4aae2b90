//! Whether Mono is asked at all: not while it has said to wait, and not while it keeps failing.
//!
//! A call passes three circuits: of this kind of call for this account, because what fails for one
//! account is well for another; of this kind of call for everybody, which takes failures of several
//! accounts, because one of Mono's services may fail alone; and of the connection, which all share.
//! Refusals (4xx) are answers: they open nothing. What is done in the background neither opens a
//! circuit nor finds out whether one may close: that is for calls that somebody waits for.

mod breaker;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::error::Error;
use crate::id::AccountId;
use crate::observer::{Circuit as Shown, Observer};

use self::breaker::{Breaker, Limit, Probe};

/// For one account.
const OF_ACCOUNT: Limit = Limit {
    failures: 5,
    accounts: 0,
};
/// For everybody.
const OF_KIND: Limit = Limit {
    failures: 10,
    accounts: SEVERAL,
};
const OF_CONNECTION: Limit = Limit {
    failures: 5,
    accounts: 0,
};
/// So many accounts in trouble at once are a sign of Mono's own.
const SEVERAL: usize = 3;
/// So many accounts in trouble are known of each kind of call; the others' failures are counted for
/// everybody only.
const MOST_ACCOUNTS: usize = 1024;

/// The name of the circuit that all calls share.
const CONNECTION: &str = "connection";

/// What is about to be sent, as far as a circuit cares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The kind of call.
    pub(super) name: &'static str,
    pub(super) account: Option<&'a AccountId>,
    /// Whether Mono has a limit for each account here, so that early calls are no sign of a limit
    /// for all.
    pub(super) limited_per_account: bool,
    pub(super) in_background: bool,
}

/// The circuits of one client.
#[derive(Debug, Default)]
pub(super) struct Circuits {
    by_name: Mutex<HashMap<&'static str, Kind>>,
}

/// The circuits of one kind of call.
#[derive(Debug)]
struct Kind {
    all: Breaker,
    /// Only of accounts that are in trouble.
    of_account: HashMap<AccountId, Breaker>,
}

/// A call that may be sent. Tells its circuits how it ended; without a word, that nobody knows.
#[must_use]
pub(super) struct Admitted<'a> {
    circuits: &'a Circuits,
    observer: &'a dyn Observer,
    subject: Subject<'a>,
    /// Of the account's circuit, of everybody's, and of the connection's.
    probes: [Probe; 3],
}

impl Circuits {
    /// Why nothing is sent now, if so. Lets nobody through.
    pub(super) fn refusal(&self, subject: Subject<'_>, now: Instant) -> Result<(), Error> {
        refusal(&self.by_name(), subject, now)
    }

    /// Lets a call through, or says why not.
    pub(super) fn admit<'a>(
        &'a self,
        subject: Subject<'a>,
        observer: &'a dyn Observer,
        now: Instant,
    ) -> Result<Admitted<'a>, Error> {
        let mut circuits = self.by_name();
        refusal(&circuits, subject, now)?;
        let of_account = subject.account.and_then(|account| {
            let kind = circuits.get_mut(subject.name)?;
            kind.of_account.get_mut(account)?.begin(now)
        });
        let [of_kind, of_connection] = [subject.name, CONNECTION].map(|name| {
            let kind = circuits.entry(name).or_insert_with(|| Kind::new(now));
            kind.told(name, observer, |all| all.begin(now))
        });
        Ok(Admitted {
            circuits: self,
            observer,
            subject,
            probes: [of_account, of_kind, of_connection],
        })
    }

    fn by_name(&self) -> MutexGuard<'_, HashMap<&'static str, Kind>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refusal(
    circuits: &HashMap<&'static str, Kind>,
    subject: Subject<'_>,
    now: Instant,
) -> Result<(), Error> {
    let may_probe = !subject.in_background;
    let kind = circuits.get(subject.name);
    let of_account = subject
        .account
        .zip(kind)
        .and_then(|(account, kind)| kind.of_account.get(account));
    let connection = circuits.get(CONNECTION);
    [
        of_account,
        kind.map(|kind| &kind.all),
        connection.map(|kind| &kind.all),
    ]
    .into_iter()
    .flatten()
    .try_for_each(|circuit| circuit.refusal(may_probe, now))
}

impl Admitted<'_> {
    /// Whether the call may be sent once more if it fails. Two failed probes are one too many.
    pub(super) fn may_repeat(&self, now: Instant) -> bool {
        self.probes == [None; 3] && self.circuits.refusal(self.subject, now).is_ok()
    }

    /// The call has ended, with this error or well.
    pub(super) fn ends(mut self, error: Option<&Error>, now: Instant) {
        let counts = |well: &bool| *well || !self.subject.in_background;
        let of_call = error.map_or(Some(true), answered).filter(counts);
        let of_connection = Some(error.is_none_or(connected)).filter(counts);
        self.settle(of_call, of_connection, now);
        if let Some(Error::RateLimited {
            retry_after: Some(wait),
        }) = error
            && let Some(kind) = self.circuits.by_name().get_mut(self.subject.name)
        {
            kind.wait(self.subject, *wait, now);
        }
    }

    fn settle(&mut self, of_call: Option<bool>, of_connection: Option<bool>, now: Instant) {
        let mut circuits = self.circuits.by_name();
        let [of_account, of_kind, connection] = std::mem::take(&mut self.probes);
        let account = self.subject.account;
        if let Some(kind) = circuits.get_mut(self.subject.name) {
            if let Some(account) = account {
                kind.end_of_account(account, of_account, of_call, now);
            }
            kind.told(self.subject.name, self.observer, |all| {
                all.end(of_kind, of_call, OF_KIND, account, now);
            });
        }
        if let Some(kind) = circuits.get_mut(CONNECTION) {
            kind.told(CONNECTION, self.observer, |all| {
                all.end(connection, of_connection, OF_CONNECTION, None, now);
            });
        }
    }
}

impl Drop for Admitted<'_> {
    /// Gives the places of probes back: their caller has gone. Who told an end has none any more.
    fn drop(&mut self) {
        if self.probes != [None; 3] {
            self.settle(None, None, Instant::now());
        }
    }
}

impl Kind {
    fn new(now: Instant) -> Self {
        Self {
            all: Breaker::new(now),
            of_account: HashMap::new(),
        }
    }

    /// Changes everybody's circuit, and tells if it is in another state now.
    fn told<T>(
        &mut self,
        name: &'static str,
        observer: &dyn Observer,
        change: impl FnOnce(&mut Breaker) -> T,
    ) -> T {
        let before = self.all.shown();
        let result = change(&mut self.all);
        tell(observer, name, before, self.all.shown());
        result
    }

    fn end_of_account(
        &mut self,
        account: &AccountId,
        probe: Probe,
        well: Option<bool>,
        now: Instant,
    ) {
        if let Some(circuit) = self.of_account.get_mut(account) {
            circuit.end(probe, well, OF_ACCOUNT, None, now);
        } else if well == Some(false)
            && let Some(circuit) = self.in_trouble(account, now)
        {
            circuit.end(probe, well, OF_ACCOUNT, None, now);
        }
        self.of_account.retain(|_, circuit| circuit.matters(now));
    }

    /// Mono asks for a pause: for this account, and for all once it has asked for several.
    fn wait(&mut self, subject: Subject<'_>, wait: std::time::Duration, now: Instant) {
        let Some(account) = subject.account else {
            self.all.wait(wait, now);
            return;
        };
        if let Some(circuit) = self.in_trouble(account, now) {
            circuit.wait(wait, now);
        }
        let waiting = self.of_account.values();
        let waiting = waiting.filter(|circuit| circuit.is_waited_for(now)).count();
        if waiting >= SEVERAL && !subject.limited_per_account {
            self.all.wait(wait, now);
        }
    }

    /// The account's circuit, unless there are too many already.
    fn in_trouble(&mut self, account: &AccountId, now: Instant) -> Option<&mut Breaker> {
        let is_new = !self.of_account.contains_key(account);
        if is_new && self.of_account.len() >= MOST_ACCOUNTS {
            return None;
        }
        let circuit = self.of_account.entry(account.clone());
        Some(circuit.or_insert_with(|| Breaker::new(now)))
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

fn tell(observer: &dyn Observer, name: &'static str, before: Shown, after: Shown) {
    if before != after {
        tracing::warn!(call = name, state = after.as_str(), "the circuit changed");
        observer.circuit_changed(name, after);
    }
}

#[cfg(test)]
mod tests;
