//! What Mono says about a job.

use crate::id::JobId;

/// A job that fetches fresh data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The job's id as the answer gives it; the one asked for where it gives none.
    pub id: JobId,
    /// What it does: `jobs.accounts.sync_balance`, `jobs.accounts.sync_statement` or as it came.
    pub name: Option<String>,
    /// How it is doing.
    pub status: JobStatus,
    /// Whether the user must log in again; `None` when Mono does not say, as it stopped to in 2026.
    pub reauth_required: Option<bool>,
    /// Whether the data is up to date; `None` when Mono does not say.
    pub synced: Option<bool>,
}

/// How a job is doing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// It has not ended.
    Processing,
    /// It has done what it was to do.
    Finished,
    /// It has ended without.
    Failed,
    /// A word that Mono did not use when this was written, as it came.
    Other(String),
}

impl JobStatus {
    /// Mono's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Processing => "processing",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Other(word) => word,
        }
    }

    /// The status that a word stands for, in any case, and whether it says that the user must
    /// log in again.
    pub(crate) fn of_word(word: String) -> (Self, Option<bool>) {
        let known = [
            ("processing", Self::Processing, None),
            ("finished", Self::Finished, None),
            ("successful", Self::Finished, Some(false)),
            ("failed", Self::Failed, None),
            ("reauthorisation_required", Self::Failed, Some(true)),
            ("reauthorization_required", Self::Failed, Some(true)),
        ];
        known
            .into_iter()
            .find(|(known, ..)| known.eq_ignore_ascii_case(word.trim()))
            .map_or((Self::Other(word), None), |(_, status, reauth)| {
                (status, reauth)
            })
    }
}
