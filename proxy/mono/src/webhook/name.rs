//! The names of events, which Mono spells in more than one way.

const LONGEST: usize = 128;

/// An event that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    AccountConnected,
    AccountUpdated,
    AccountReauthorised,
    ReauthorisationRequired,
    SyncFailed,
    AccountUnlinked,
    JobUpdate,
    AccountIncome,
}

impl Name {
    /// The event of this name; `None` when it is not understood.
    ///
    /// `mono.events.` and `mono.accounts.` are the same thing, s and z are, and `sandbox_` before
    /// all of it or before the last part says nothing.
    pub(super) fn of(event: &str) -> Option<Self> {
        if event.len() > LONGEST {
            return None;
        }
        let event = event.trim().to_ascii_lowercase();
        let event = without_sandbox(&event);
        let event = event
            .strip_prefix("mono.events.")
            .or_else(|| event.strip_prefix("mono.accounts."))?;
        match without_sandbox(event)
            .replace("authoriz", "authoris")
            .as_str()
        {
            "account_connected" => Some(Self::AccountConnected),
            "account_updated" => Some(Self::AccountUpdated),
            "account_reauthorised" => Some(Self::AccountReauthorised),
            "reauthorisation_required" => Some(Self::ReauthorisationRequired),
            "sync_failed" => Some(Self::SyncFailed),
            "account_unlinked" => Some(Self::AccountUnlinked),
            "jobs.update" => Some(Self::JobUpdate),
            "account_income" => Some(Self::AccountIncome),
            _ => None,
        }
    }
}

fn without_sandbox(event: &str) -> &str {
    event.strip_prefix("sandbox_").unwrap_or(event)
}
