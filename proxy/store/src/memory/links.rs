//! Link sessions and exchanges in memory.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, Reference, UserId};

use super::MemoryStore;
use crate::Error;
use crate::changes::Changed;
use crate::links::{
    CodeHash, Exchange, ExchangeStart, LinkOutcome, LinkSessionRecord, LinkStore, NewLink,
};

const FIRST_CHECK: SignedDuration = SignedDuration::from_secs(10);

#[async_trait]
impl LinkStore for MemoryStore {
    async fn add_link_session(&self, session: &LinkSessionRecord) -> Result<(), Error> {
        self.tables()
            .link_sessions
            .insert(session.reference.clone(), session.clone());
        Ok(())
    }

    async fn count_open_link_sessions(&self, user: &UserId, now: Timestamp) -> Result<u64, Error> {
        let tables = self.tables();
        let open = tables.link_sessions.values().filter(|session| {
            session.user == *user && session.account.is_none() && now < session.expires_at
        });
        Ok(u64::try_from(open.count()).unwrap_or(u64::MAX))
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
        let session = tables.link_sessions.get(&link.reference);
        let is_open = session.is_some_and(|session| match &session.account {
            None => true,
            Some(used_for) => !session.exchanged && *used_for == account.id,
        });
        if !is_open {
            return Ok(LinkOutcome::SessionUsed);
        }
        let outcome = match tables.accounts.get(&account.id) {
            Some(known) if known.user != account.user => return Ok(LinkOutcome::Taken),
            Some(_) => LinkOutcome::AlreadyLinked,
            None => {
                tables.accounts.insert(account.id.clone(), account.clone());
                tables.erased_accounts.remove(&account.id);
                if let Ok(at) = account.linked_at.checked_add(FIRST_CHECK) {
                    tables.next_checks.insert(account.id.clone(), at);
                }
                tables.add_change(
                    &account.user,
                    &account.id,
                    Changed::Account,
                    account.linked_at,
                );
                tables.wake_events_of_account(&account.id, account.linked_at);
                if let Some(message) = &link.message {
                    tables.add_message(message);
                }
                LinkOutcome::Linked
            }
        };
        if let Some(session) = tables.link_sessions.get_mut(&link.reference) {
            session.account = Some(account.id.clone());
            session.exchanged |= link.exchanged;
        }
        Ok(outcome)
    }
}
