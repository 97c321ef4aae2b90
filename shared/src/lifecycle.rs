//! How an account lives: what we may decide about it, and what Mono tells of it.
//!
//! [`command`] is for our own decisions and refuses what is not allowed. [`observe`] is for facts
//! from Mono, which come late, twice and out of order; that is never an error. A fact older than
//! what is known changes nothing, so any order of the same facts ends in the same state.
//!
//! Time is an argument. For a fact it is when the fact was true by Mono's word (an event's own
//! time), else when we asked or were told.

mod command;
mod fact;
mod state;

pub use command::{
    Command, INCOME_INTERVAL, InvalidTransition, REALTIME_INTERVAL, SYNC_INTERVAL, command,
};
pub use fact::{Fact, Ignored, Observation, observe};
pub use state::{Ask, Authorisation, Cause, Data, IncomeAnalysis, Linked, Running, State};

#[cfg(test)]
mod tests;
