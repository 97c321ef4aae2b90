//! What the stream of live events says besides accounts.

use serde::{Deserialize, Serialize};

use crate::id::AccountId;
use crate::transaction::Job;

/// The event `job`: one of an account's jobs, new or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobEvent {
    /// Of which account.
    pub account_id: AccountId,
    /// The job as it is now.
    pub job: Job,
}

/// The event `removed`: an account is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemovedEvent {
    /// Which account.
    pub account_id: AccountId,
}
