//! What a real-time read brings.

use crate::id::JobId;
use crate::jobs::JobStatus;

/// An answer together with what its headers say about how fresh it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realtime<T> {
    /// What Mono has; `None` when it answers without data.
    pub data: Option<T>,
    /// Whether new data was fetched; `None` when Mono does not say, as it may when there is none.
    pub has_new_data: Option<bool>,
    /// The job that fetches; `None` when Mono names none.
    pub job: Option<JobRef>,
}

/// A job that an answer names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRef {
    /// Its id.
    pub id: JobId,
    /// How it was doing; `Processing` where the answer does not say.
    pub status: JobStatus,
}
