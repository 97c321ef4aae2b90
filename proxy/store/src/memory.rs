//! The memory side: for tests of what stands above the store. Forgets all when dropped.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, Reference, UserId};

use crate::record::{
    AccountRecord, CodeHash, Exchange, ExchangeStart, LinkOutcome, LinkSessionRecord, NewLink,
    Written,
};
use crate::{Error, Store};

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
    status_checks: BTreeMap<AccountId, Timestamp>,
}

impl MemoryStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        // A panic elsewhere left whole rows behind, because each is inserted in one step.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn ping(&self) -> Result<(), Error> {
        Ok(())
    }

    async fn add_link_session(&self, session: &LinkSessionRecord) -> Result<(), Error> {
        self.tables()
            .link_sessions
            .insert(session.reference.clone(), session.clone());
        Ok(())
    }

    async fn find_link_session(
        &self,
        reference: &Reference,
    ) -> Result<Option<LinkSessionRecord>, Error> {
        Ok(self.tables().link_sessions.get(reference).cloned())
    }

    async fn start_exchange(&self, exchange: &Exchange) -> Result<ExchangeStart, Error> {
        let mut tables = self.tables();
        let Some(known) = tables.exchanges.get_mut(&exchange.code) else {
            tables.exchanges.insert(exchange.code, exchange.clone());
            return Ok(ExchangeStart::Started);
        };
        if known.user != exchange.user {
            return Ok(ExchangeStart::Taken);
        }
        if let Some(account) = &known.account {
            return Ok(ExchangeStart::Exchanged(account.clone()));
        }
        known.started_at = exchange.started_at;
        known.reference = exchange.reference.clone();
        Ok(ExchangeStart::Started)
    }

    async fn find_exchange(&self, code: &CodeHash) -> Result<Option<Exchange>, Error> {
        Ok(self.tables().exchanges.get(code).cloned())
    }

    async fn record_exchange(&self, code: &CodeHash, account: &AccountId) -> Result<(), Error> {
        if let Some(exchange) = self.tables().exchanges.get_mut(code) {
            exchange.account = Some(account.clone());
        }
        Ok(())
    }

    async fn forget_exchange(&self, code: &CodeHash) -> Result<(), Error> {
        self.tables().exchanges.remove(code);
        Ok(())
    }

    async fn finish_link(&self, link: &NewLink) -> Result<LinkOutcome, Error> {
        let mut tables = self.tables();
        let account = &link.account;
        if let Some(session) = tables.link_sessions.get(&link.reference)
            && session
                .account
                .as_ref()
                .is_some_and(|used_for| *used_for != account.id)
        {
            return Ok(LinkOutcome::SessionUsed);
        }
        let outcome = match tables.accounts.get(&account.id) {
            Some(known) if known.user != account.user => return Ok(LinkOutcome::Taken),
            Some(_) => LinkOutcome::AlreadyLinked,
            None => {
                tables.accounts.insert(account.id.clone(), account.clone());
                LinkOutcome::Linked
            }
        };
        if let Some(session) = tables.link_sessions.get_mut(&link.reference) {
            session.account = Some(account.id.clone());
        }
        Ok(outcome)
    }

    async fn find_account(
        &self,
        user: &UserId,
        id: &AccountId,
    ) -> Result<Option<AccountRecord>, Error> {
        let tables = self.tables();
        Ok(tables
            .accounts
            .get(id)
            .filter(|account| account.user == *user)
            .cloned())
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

    async fn update_account(&self, account: &AccountRecord) -> Result<Written, Error> {
        let mut tables = self.tables();
        match tables.accounts.get_mut(&account.id) {
            None => Ok(Written::Gone),
            Some(known) if known.version != account.version => Ok(Written::Conflict),
            Some(known) => {
                let version = account.version + 1;
                *known = AccountRecord {
                    version,
                    ..account.clone()
                };
                Ok(Written::Version(version))
            }
        }
    }

    async fn remove_account(&self, user: &UserId, id: &AccountId) -> Result<bool, Error> {
        let mut tables = self.tables();
        if tables
            .accounts
            .get(id)
            .is_none_or(|account| account.user != *user)
        {
            return Ok(false);
        }
        tables.accounts.remove(id);
        tables.status_checks.remove(id);
        Ok(true)
    }

    async fn claim_status_check(
        &self,
        id: &AccountId,
        now: Timestamp,
        interval: SignedDuration,
    ) -> Result<bool, Error> {
        let mut tables = self.tables();
        if !tables.accounts.contains_key(id) {
            return Ok(false);
        }
        if let Some(last) = tables.status_checks.get(id)
            && now.duration_since(*last) < interval
        {
            return Ok(false);
        }
        tables.status_checks.insert(id.clone(), now);
        Ok(true)
    }
}
