//! What we decide about an account.

use jiff::SignedDuration;

use super::state::{Linked, Running, State};
use crate::Timestamp;

/// Mono allows one manual sync per account in this time (seed 000, note 4).
pub const SYNC_INTERVAL: SignedDuration = SignedDuration::from_secs(2 * 60);

/// Mono runs one real-time session per account in this time (seed 002).
pub const REALTIME_INTERVAL: SignedDuration = SignedDuration::from_secs(5 * 60);

/// An analysis of the income that has not ended by then will not end any more. Each is paid for.
pub const INCOME_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// A decision of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Ask Mono to fetch new data now.
    StartSync,
    /// Read from the bank in real time.
    StartRealtime,
    /// Have Mono analyse the income.
    StartIncome,
    /// Let the user log in to the bank again.
    Reauthorise,
    /// End the link.
    Unlink,
}

/// Why a decision is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransition {
    /// The account is gone.
    #[error("the account is no longer linked")]
    Unlinked,
    /// The budget allows it only later.
    #[error("not allowed before {next_allowed_at}")]
    TooEarly {
        /// From when on.
        next_allowed_at: Timestamp,
        /// How long that is from now.
        wait: SignedDuration,
    },
    /// The bank wants its user to log in first.
    #[error("the bank asks its user to log in again first")]
    ReauthorisationRequired,
}

/// Applies a decision.
pub fn command(state: State, command: Command, at: Timestamp) -> Result<State, InvalidTransition> {
    let State::Linked(mut linked) = state else {
        return Err(InvalidTransition::Unlinked);
    };
    match command {
        Command::StartSync => {
            linked.sync = Some(start(&linked, linked.sync.as_ref(), SYNC_INTERVAL, at)?);
            Ok(State::Linked(linked))
        }
        Command::StartRealtime => {
            linked.realtime = Some(start(
                &linked,
                linked.realtime.as_ref(),
                REALTIME_INTERVAL,
                at,
            )?);
            Ok(State::Linked(linked))
        }
        // The bank is not asked, so that it need not let Mono in.
        Command::StartIncome => {
            not_before(linked.income.started_at, INCOME_INTERVAL, at)?;
            linked.income.started_at = Some(at);
            Ok(State::Linked(linked))
        }
        // Allowed at any time: a user may renew the login before the bank asks. Whether the login
        // succeeds is Mono's to say.
        Command::Reauthorise => {
            linked.authorisation.tried_at = Some(at);
            Ok(State::Linked(linked))
        }
        Command::Unlink => Ok(State::Unlinked { at }),
    }
}

fn start(
    linked: &Linked,
    last: Option<&Running>,
    interval: SignedDuration,
    at: Timestamp,
) -> Result<Running, InvalidTransition> {
    // First: what ran before it is asked about may tell why there is nothing new.
    not_before(last.map(|last| last.started_at), interval, at)?;
    if linked.authorisation.is_blocked() {
        return Err(InvalidTransition::ReauthorisationRequired);
    }
    Ok(Running {
        started_at: at,
        job: None,
        ended_at: None,
    })
}

/// Refuses what comes sooner than `interval` after the last time.
fn not_before(
    last: Option<Timestamp>,
    interval: SignedDuration,
    at: Timestamp,
) -> Result<(), InvalidTransition> {
    match last.and_then(|last| last.checked_add(interval).ok()) {
        Some(next_allowed_at) if at < next_allowed_at => Err(InvalidTransition::TooEarly {
            next_allowed_at,
            wait: next_allowed_at.duration_since(at),
        }),
        _ => Ok(()),
    }
}

impl Running {
    /// Whether it still runs, as far as is known. One of which no job is known, because whoever
    /// started it died, is not waited for after `interval`: then the next may start.
    pub fn is_in_progress(&self, interval: SignedDuration, now: Timestamp) -> bool {
        let is_awaited = || self.next_allowed_at(interval).is_none_or(|next| now < next);
        self.ended_at.is_none() && (self.job.is_some() || is_awaited())
    }

    /// When the next one may start, `interval` after this one; none at the end of time.
    pub fn next_allowed_at(&self, interval: SignedDuration) -> Option<Timestamp> {
        self.started_at.checked_add(interval).ok()
    }
}
