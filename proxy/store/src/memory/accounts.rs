//! Accounts in memory.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};

use super::MemoryStore;
use crate::Error;
use crate::accounts::{AccountStore, Check, Written};
use crate::changes::Changed;
use crate::outbox::NewMessage;
use crate::record::AccountRecord;

#[async_trait]
impl AccountStore for MemoryStore {
    async fn find_account(
        &self,
        user: &UserId,
        id: &AccountId,
    ) -> Result<Option<AccountRecord>, Error> {
        Ok(self
            .tables()
            .accounts
            .get(id)
            .filter(|account| account.user == *user)
            .cloned())
    }

    async fn find_any_account(&self, id: &AccountId) -> Result<Option<AccountRecord>, Error> {
        Ok(self.tables().accounts.get(id).cloned())
    }

    async fn list_accounts(&self, user: &UserId) -> Result<Vec<AccountRecord>, Error> {
        let tables = self.tables();
        let mut accounts: Vec<_> = tables
            .accounts
            .values()
            .filter(|account| account.user == *user)
            .cloned()
            .collect();
        accounts.sort_by(|a, b| (a.linked_at, &a.id).cmp(&(b.linked_at, &b.id)));
        Ok(accounts)
    }

    async fn update_account(
        &self,
        account: &AccountRecord,
        messages: &[NewMessage],
    ) -> Result<Written, Error> {
        let mut tables = self.tables();
        let version = account.version + 1;
        match tables.accounts.get_mut(&account.id) {
            None => return Ok(Written::Gone),
            Some(known) if known.version != account.version => return Ok(Written::Conflict),
            Some(known) => {
                *known = AccountRecord {
                    version,
                    ..account.clone()
                }
            }
        }
        if account.wants_details() {
            tables
                .next_checks
                .entry(account.id.clone())
                .or_insert(account.updated_at);
        } else {
            tables.next_checks.remove(&account.id);
        }
        tables.add_change(
            &account.user,
            &account.id,
            Changed::Account,
            account.updated_at,
        );
        for message in messages {
            tables.add_message(message);
        }
        Ok(Written::Version(version))
    }

    async fn remove_account(
        &self,
        user: &UserId,
        id: &AccountId,
        at: Timestamp,
        last: Option<&NewMessage>,
    ) -> Result<bool, Error> {
        let mut tables = self.tables();
        if tables
            .accounts
            .get(id)
            .is_none_or(|account| account.user != *user)
        {
            return Ok(false);
        }
        tables.remove_account(id);
        tables.end_messages(id, last);
        tables.add_change(user, id, Changed::Removed, at);
        Ok(true)
    }

    async fn erase_account(
        &self,
        user: &UserId,
        id: &AccountId,
        at: Timestamp,
        last: Option<&NewMessage>,
    ) -> Result<bool, Error> {
        let mut tables = self.tables();
        let erased = tables.erase_account(user, id, at);
        if erased {
            tables.end_messages(id, last);
        }
        Ok(erased)
    }

    async fn is_erased(&self, id: &AccountId) -> Result<bool, Error> {
        Ok(self.tables().erased_accounts.contains_key(id))
    }

    async fn claim_check(
        &self,
        id: &AccountId,
        check: Check,
        now: Timestamp,
        interval: SignedDuration,
    ) -> Result<bool, Error> {
        let mut tables = self.tables();
        if !tables.accounts.contains_key(id) {
            return Ok(false);
        }
        let key = (id.clone(), check);
        if tables
            .checks
            .get(&key)
            .is_some_and(|last| now.duration_since(*last) < interval)
        {
            return Ok(false);
        }
        tables.checks.insert(key, now);
        Ok(true)
    }

    async fn claim_processing_accounts(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error> {
        let mut tables = self.tables();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut due: Vec<_> = tables
            .next_checks
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(id, at)| (*at, id.clone()))
            .collect();
        due.sort();
        due.truncate(limit);
        for (_, id) in &due {
            tables.next_checks.insert(id.clone(), until);
        }
        Ok(due
            .iter()
            .filter_map(|(_, id)| tables.accounts.get(id).cloned())
            .collect())
    }

    async fn claim_scheduled_accounts(
        &self,
        run: Timestamp,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error> {
        let mut tables = self.tables();
        let mut due: Vec<_> = tables
            .accounts
            .values()
            .filter(|account| account.consent.is_some() && account.linked_at < run)
            .filter(|account| {
                tables
                    .scheduled
                    .get(&account.id)
                    .is_none_or(|last| *last < run)
            })
            .filter(|account| {
                tables
                    .scheduled_until
                    .get(&account.id)
                    .is_none_or(|until| *until <= now)
            })
            .cloned()
            .collect();
        due.sort_by_key(|account| {
            let last = tables.scheduled.get(&account.id).copied();
            (last, account.linked_at, account.id.clone())
        });
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        for account in &due {
            tables.scheduled_until.insert(account.id.clone(), until);
        }
        Ok(due)
    }

    async fn finish_scheduled_account(&self, id: &AccountId, run: Timestamp) -> Result<(), Error> {
        let mut tables = self.tables();
        tables.scheduled_until.remove(id);
        if tables.accounts.contains_key(id) {
            tables.scheduled.insert(id.clone(), run);
        }
        Ok(())
    }

    async fn put_off_check(&self, id: &AccountId, until: Timestamp) -> Result<(), Error> {
        if let Some(at) = self.tables().next_checks.get_mut(id) {
            *at = until;
        }
        Ok(())
    }
}
