//! Tells whoever wants to count them how calls ended.

use std::time::Duration;

/// Is told of every call. Must return at once: the call waits for it.
pub trait Observer: Send + Sync + 'static {
    /// A call has ended, with all its repeats.
    fn call_ended(&self, call: &EndedCall);

    /// A circuit has opened, probes, or has closed again: that of one kind of call for all accounts,
    /// or `connection`, which all share. Nothing is told of single accounts.
    fn circuit_changed(&self, _name: &'static str, _circuit: Circuit) {}
}

/// Whether calls are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    /// They are.
    Closed,
    /// One, to find out whether things are well again.
    Probing,
    /// None.
    Open,
}

impl Circuit {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Probing => "probing",
            Self::Open => "open",
        }
    }
}

/// A call that has ended. Names only: no ids, nothing that was sent or answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndedCall {
    /// What was asked for, such as `balance`.
    pub resource: &'static str,
    /// `ok`, the name of the error, or `abandoned` when nobody waited for the answer any more.
    pub outcome: &'static str,
    /// From the call to its end: waiting for a place, attempts, pauses.
    pub took: Duration,
    /// Attempts after the first one.
    pub repeats: u32,
}

/// Tells nobody.
pub(crate) struct Nobody;

impl Observer for Nobody {
    fn call_ended(&self, _call: &EndedCall) {}
}
