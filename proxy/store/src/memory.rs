//! The memory side: for tests of what stands above the store. Forgets all when dropped.

mod accounts;
mod audit;
mod erasure;
mod inbox;
mod jobs;
mod links;
mod outbox;
mod prune;
mod sealed;
mod statement_pdfs;
mod users;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId, Reference, UserId};

use crate::accounts::Check;
use crate::audit::AuditEntry;
use crate::changes::{Change, ChangeStore, Changed};
use crate::jobs::JobRecord;
use crate::links::{CodeHash, Exchange, LinkSessionRecord};
use crate::record::AccountRecord;
use crate::{Error, Hold, Notices, Store};

/// A store that lives as long as the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    // A plain mutex: nothing waits while it is held.
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    link_sessions: BTreeMap<Reference, LinkSessionRecord>,
    exchanges: BTreeMap<CodeHash, Exchange>,
    accounts: BTreeMap<AccountId, AccountRecord>,
    checks: BTreeMap<(AccountId, Check), Timestamp>,
    next_checks: BTreeMap<AccountId, Timestamp>,
    scheduled: BTreeMap<AccountId, Timestamp>,
    scheduled_until: BTreeMap<AccountId, Timestamp>,
    changes: Vec<ChangeRow>,
    last_change: i64,
    jobs: BTreeMap<JobId, JobRecord>,
    next_job_checks: BTreeMap<JobId, Timestamp>,
    erased_accounts: BTreeMap<AccountId, Timestamp>,
    statement_pdfs: BTreeMap<(AccountId, JobId), Timestamp>,
    inbox: BTreeMap<i64, inbox::Row>,
    last_event: i64,
    audit: Vec<AuditEntry>,
    outbox: BTreeMap<i64, outbox::Row>,
    last_message: i64,
    reminded: BTreeMap<AccountId, Timestamp>,
    stale_told: BTreeMap<AccountId, Timestamp>,
}

#[derive(Debug)]
struct ChangeRow {
    /// None once nobody is named any more.
    user: Option<UserId>,
    at: Timestamp,
    change: Change,
    /// Whether the user was erased since.
    erased: bool,
}

impl MemoryStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        // A panic elsewhere left whole rows behind, because each is inserted in one step.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn add_change(&mut self, user: &UserId, account: &AccountId, what: Changed, at: Timestamp) {
        self.last_change += 1;
        self.changes.push(ChangeRow {
            user: Some(user.clone()),
            at,
            erased: false,
            change: Change {
                number: self.last_change,
                account: account.clone(),
                what,
            },
        });
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn ping(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn notices(&self) -> Notices {
        Notices::none()
    }

    async fn hold(&self, _name: &str, _patience: Duration) -> Result<Option<Hold>, Error> {
        Ok(Some(Hold::alone()))
    }

    async fn close(&self) {}
}

#[async_trait]
impl ChangeStore for MemoryStore {
    async fn changes_after(
        &self,
        user: &UserId,
        number: i64,
        limit: u32,
    ) -> Result<Vec<Change>, Error> {
        let tables = self.tables();
        let after = tables
            .changes
            .iter()
            .filter(|row| row.user.as_ref() == Some(user) && row.change.number > number);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(after.take(limit).map(|row| row.change.clone()).collect())
    }

    async fn change_range(&self, user: &UserId) -> Result<Option<(i64, i64)>, Error> {
        let tables = self.tables();
        let oldest = tables.changes.first().map(|row| row.change.number);
        let newest = tables
            .changes
            .iter()
            .rfind(|row| row.user.as_ref() == Some(user));
        Ok(oldest.map(|oldest| (oldest, newest.map_or(0, |row| row.change.number))))
    }
}
