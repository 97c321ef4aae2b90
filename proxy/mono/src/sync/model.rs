//! How a manual sync ended.

/// What Mono says about a manual sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncAnswer {
    /// How it ended.
    pub outcome: SyncOutcome,
    /// Whether it brought anything new; `None` when Mono does not say.
    pub has_new_data: Option<bool>,
}

/// How a manual sync ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SyncOutcome {
    /// The data is as fresh as the bank's.
    Synced,
    /// The bank wants the user to log in again first.
    ReauthorisationRequired,
    /// It failed.
    Failed(SyncFailure),
}

/// Why a manual sync failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SyncFailure {
    /// `SYNC_ERROR`: it may do better later.
    Error,
    /// `INCOMPLETE_STATEMENT_ERROR`: the bank gave a part of the statement only.
    IncompleteStatement,
    /// A word that Mono did not use when this was written, as it came.
    Other(String),
}

impl SyncFailure {
    /// Mono's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Error => "SYNC_ERROR",
            Self::IncompleteStatement => "INCOMPLETE_STATEMENT_ERROR",
            Self::Other(word) => word,
        }
    }
}

impl SyncOutcome {
    /// The outcome that a code of Mono's stands for, in any case; `None` for a later one.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        let outcomes = [
            ("SYNCED_SUCCESSFUL", Self::Synced),
            ("SYNC_SUCCESSFUL", Self::Synced),
            ("REAUTHORISATION_REQUIRED", Self::ReauthorisationRequired),
            ("REAUTHORIZATION_REQUIRED", Self::ReauthorisationRequired),
            ("SYNC_ERROR", Self::Failed(SyncFailure::Error)),
            (
                "INCOMPLETE_STATEMENT_ERROR",
                Self::Failed(SyncFailure::IncompleteStatement),
            ),
        ];
        let code = code.trim();
        outcomes
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(code))
            .map(|(_, outcome)| outcome)
    }
}
