//! Everything of one user, in memory.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::outbound::OutboundType;

use super::MemoryStore;
use crate::Error;
use crate::changes::Changed;
use crate::record::AccountRecord;
use crate::users::{UserErasure, UserRecords, UserStore};

#[async_trait]
impl UserStore for MemoryStore {
    async fn accounts_after(
        &self,
        user: Option<&UserId>,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error> {
        let tables = self.tables();
        let accounts = tables.accounts.values().filter(|account| {
            after.is_none_or(|after| account.id > *after)
                && user.is_none_or(|user| account.user == *user)
        });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(accounts.take(limit).cloned().collect())
    }

    async fn records_of_user(&self, user: &UserId) -> Result<UserRecords, Error> {
        let tables = self.tables();
        let mut records = UserRecords {
            accounts: of(tables.accounts.values(), |account| account.user == *user),
            link_sessions: of(tables.link_sessions.values(), |session| {
                session.user == *user
            }),
            exchanges: of(tables.exchanges.values(), |exchange| exchange.user == *user),
            jobs: of(tables.jobs.values(), |job| job.user == *user),
            changes: tables
                .changes
                .iter()
                .filter(|row| row.user.as_ref() == Some(user))
                .map(|row| (row.at, row.change.account.clone()))
                .collect(),
            messages: of(tables.outbox.values().map(|row| &row.message), |message| {
                message.message.user == *user
            }),
            audit: of(tables.audit.iter(), |entry| {
                entry.entry.user.as_ref() == Some(user)
            }),
        };
        records
            .accounts
            .sort_by(|a, b| (a.linked_at, &a.id).cmp(&(b.linked_at, &b.id)));
        records
            .link_sessions
            .sort_by(|a, b| (a.created_at, &a.reference).cmp(&(b.created_at, &b.reference)));
        records
            .exchanges
            .sort_by_key(|exchange| (exchange.started_at, exchange.code));
        records
            .jobs
            .sort_by(|a, b| (a.started_at, &a.id).cmp(&(b.started_at, &b.id)));
        Ok(records)
    }

    async fn erase_user(&self, user: &UserId, at: Timestamp) -> Result<UserErasure, Error> {
        let mut tables = self.tables();
        if tables
            .accounts
            .values()
            .any(|account| account.user == *user)
        {
            return Ok(UserErasure::StillLinked);
        }
        tables.erase_events_of_attempts(user, at);
        tables
            .link_sessions
            .retain(|_, session| session.user != *user);
        tables
            .exchanges
            .retain(|_, exchange| exchange.user != *user);
        tables.jobs.retain(|_, job| job.user != *user);
        for row in &mut tables.changes {
            if row.user.as_ref() == Some(user) {
                row.erased = true;
                row.user = row
                    .user
                    .take()
                    .filter(|_| row.change.what == Changed::Removed);
            }
        }
        tables.outbox.retain(|_, row| {
            let message = &row.message.message;
            message.user != *user || message.kind == OutboundType::Unlinked
        });
        Ok(UserErasure::Erased)
    }
}

fn of<'t, T: Clone + 't>(
    rows: impl Iterator<Item = &'t T>,
    is_theirs: impl Fn(&T) -> bool,
) -> Vec<T> {
    rows.filter(|row| is_theirs(row)).cloned().collect()
}
