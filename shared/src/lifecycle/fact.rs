//! What Mono tells of an account.

use super::state::{Ask, Authorisation, Cause, Data, Linked, State};
use crate::Timestamp;
use crate::account::{DataStatus, LastSync, SyncResult};

/// Something Mono said about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The account was linked (`account_connected`).
    Connected,
    /// Mono's own details name no other attempt than the one by which it was linked.
    AttemptConfirmed,
    /// How far the data is (`account_updated`, account details).
    Data {
        /// `meta.data_status`.
        status: DataStatus,
        /// `meta.retrieved_data`.
        retrieved: Vec<String>,
    },
    /// How a sync ended (`meta.sync_status`, or the sync's own answer).
    Synced(SyncResult),
    /// The bank wants its user to log in again.
    ReauthorisationRequired(Cause),
    /// The user logged in again (`account_reauthorized`), or new data came that Mono gets only where
    /// no login is wanted.
    Reauthorised,
    /// New data came, and Mono did not say of what (`account_updated` without `sync_status`): the
    /// login that we had begun before it went through, if we had begun one.
    Fetched,
    /// An analysis of the income is over (`account_income`).
    IncomeAnalysed,
    /// The account is gone (`account_unlinked`).
    Unlinked,
}

/// What a fact did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// The state is another now.
    Advanced(State),
    /// Nothing changed.
    Ignored(Ignored),
}

/// Why a fact changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// Known already.
    Known,
    /// Something newer is known.
    Older,
    /// The account is gone.
    Unlinked,
}

/// Applies what Mono said. Never fails: facts repeat and come late.
pub fn observe(state: &State, fact: &Fact, at: Timestamp) -> Observation {
    match state {
        State::Unlinked { at: since } => match fact {
            // The earliest word counts, so that the order of two does not matter.
            Fact::Unlinked if at < *since => Observation::Advanced(State::Unlinked { at }),
            _ => Observation::Ignored(Ignored::Unlinked),
        },
        State::Linked(_) if *fact == Fact::Unlinked => {
            Observation::Advanced(State::Unlinked { at })
        }
        State::Linked(linked) => match advance(linked, fact, at) {
            Ok(linked) => Observation::Advanced(State::Linked(Box::new(linked))),
            Err(reason) => Observation::Ignored(reason),
        },
    }
}

fn advance(linked: &Linked, fact: &Fact, at: Timestamp) -> Result<Linked, Ignored> {
    let mut next = linked.clone();
    match fact {
        Fact::Connected | Fact::Unlinked => {}
        Fact::AttemptConfirmed => next.attempt_confirmed = Some(true),
        Fact::Data { status, retrieved } => {
            next.data = newer_data(&linked.data, status, retrieved, at);
        }
        Fact::Synced(outcome) => {
            next.last_sync = Some(newer_sync(linked.last_sync.as_ref(), outcome, at));
            match outcome {
                SyncResult::Synced => next.authorisation.grant(at),
                SyncResult::ReauthorisationRequired => next.authorisation.ask(Cause::Sync, at),
                SyncResult::Failed | SyncResult::Other(_) => {}
            }
        }
        Fact::ReauthorisationRequired(cause) => next.authorisation.ask(*cause, at),
        Fact::Reauthorised => next.authorisation.grant(at),
        Fact::Fetched => {
            // As of the login and not of the data: what the bank asked for in between is open still.
            if let Some(tried_at) = linked.authorisation.tried_at.filter(|tried| *tried < at) {
                next.authorisation.grant(tried_at);
            }
        }
        Fact::IncomeAnalysed => {
            next.income.finished_at = next.income.finished_at.max(Some(at));
        }
    }
    if next != *linked {
        return Ok(next);
    }
    Err(if known(linked, fact) {
        Ignored::Known
    } else {
        Ignored::Older
    })
}

/// The newer of two words about the data. At the same time the greater one, by an order that only
/// has to be the same every time.
fn newer_data(known: &Data, status: &DataStatus, retrieved: &[String], at: Timestamp) -> Data {
    let mut retrieved = retrieved.to_vec();
    retrieved.sort();
    retrieved.dedup();
    let told = Data {
        at: Some(at),
        status: status.clone(),
        retrieved,
    };
    known.clone().max(told)
}

fn newer_sync(known: Option<&LastSync>, outcome: &SyncResult, at: Timestamp) -> LastSync {
    match known {
        Some(known) if (known.at, &known.outcome) >= (at, outcome) => known.clone(),
        _ => LastSync {
            outcome: outcome.clone(),
            at,
        },
    }
}

fn known(linked: &Linked, fact: &Fact) -> bool {
    match fact {
        Fact::Connected => true,
        Fact::AttemptConfirmed => linked.attempt_confirmed == Some(true),
        Fact::Data { status, .. } => linked.data.status == *status,
        Fact::Synced(outcome) => linked
            .last_sync
            .as_ref()
            .is_some_and(|last| last.outcome == *outcome),
        Fact::ReauthorisationRequired(_) => linked.authorisation.required().is_some(),
        Fact::Reauthorised | Fact::Fetched => linked.authorisation.required().is_none(),
        Fact::IncomeAnalysed => linked.income.finished_at.is_some(),
        Fact::Unlinked => false,
    }
}

impl Authorisation {
    fn ask(&mut self, cause: Cause, at: Timestamp) {
        let ask = Ask { at, cause };
        if self.granted_at.is_some_and(|granted_at| at <= granted_at) {
            return;
        }
        if let Err(place) = self.asks.binary_search(&ask) {
            self.asks.insert(place, ask);
        }
    }

    fn grant(&mut self, at: Timestamp) {
        self.granted_at = self.granted_at.max(Some(at));
        self.asks.retain(|ask| ask.at > at);
    }
}
