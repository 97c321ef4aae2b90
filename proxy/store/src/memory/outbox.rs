//! Messages for the site's back end, in memory.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::AccountId;

use super::{MemoryStore, Tables};
use crate::Error;
use crate::outbox::{NewMessage, Nudge, OutboxBacklog, OutboxMessage, OutboxStore};
use crate::record::AccountRecord;

/// A message, and when it is due; never, once it is given up.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) message: OutboxMessage,
    due_at: Option<Timestamp>,
}

#[async_trait]
impl OutboxStore for MemoryStore {
    async fn claim_messages(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<OutboxMessage>, Error> {
        let mut tables = self.tables();
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let mut claimed = Vec::new();
        let mut seen = BTreeSet::new();
        for row in tables.outbox.values_mut() {
            let Some(due_at) = row.due_at else { continue };
            let is_next = seen.insert(row.message.account_id().clone());
            let has_room = claimed.len() < usize::try_from(limit).unwrap_or(usize::MAX);
            if is_next && due_at <= now && has_room {
                row.due_at = Some(until);
                row.message.attempts += 1;
                claimed.push(row.message.clone());
            }
        }
        Ok(claimed)
    }

    async fn finish_message(&self, message: &OutboxMessage, _now: Timestamp) -> Result<(), Error> {
        self.tables().outbox.remove(&message.number);
        Ok(())
    }

    async fn retry_message(
        &self,
        number: i64,
        at: Timestamp,
        failure: &'static str,
    ) -> Result<(), Error> {
        if let Some(row) = self.tables().outbox.get_mut(&number) {
            row.due_at = row.due_at.map(|_| at);
            row.message.failure = Some(failure.to_owned());
        }
        Ok(())
    }

    async fn give_up_message(
        &self,
        message: &OutboxMessage,
        _now: Timestamp,
        failure: &'static str,
    ) -> Result<(), Error> {
        if let Some(row) = self.tables().outbox.get_mut(&message.number) {
            row.due_at = None;
            row.message.failure = Some(failure.to_owned());
        }
        Ok(())
    }

    async fn dead_letters_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<OutboxMessage>, Error> {
        let tables = self.tables();
        let dead = tables.outbox.range(number.saturating_add(1)..);
        let dead = dead.filter(|(_, row)| row.due_at.is_none());
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(dead
            .take(limit)
            .map(|(_, row)| row.message.clone())
            .collect())
    }

    async fn revive_message(&self, id: &str, now: Timestamp) -> Result<bool, Error> {
        let mut tables = self.tables();
        let mut dead = tables.outbox.values_mut();
        let dead = dead.find(|row| row.due_at.is_none() && row.message.message.id == id);
        let Some(row) = dead else { return Ok(false) };
        row.due_at = Some(now);
        row.message.attempts = 0;
        Ok(true)
    }

    async fn outbox_backlog(&self) -> Result<OutboxBacklog, Error> {
        let tables = self.tables();
        let (alive, dead): (Vec<&Row>, Vec<&Row>) =
            tables.outbox.values().partition(|row| row.due_at.is_some());
        let count = |rows: &[&Row]| u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Ok(OutboxBacklog {
            messages: count(&alive),
            oldest: alive.iter().map(|row| row.message.message.at).min(),
            dead_letters: count(&dead),
        })
    }

    async fn accounts_to_tell(
        &self,
        about: Nudge,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error> {
        let tables = self.tables();
        let due = tables
            .accounts
            .values()
            .filter(|account| tables.is_to_be_told(about, account));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(due.take(limit).cloned().collect())
    }

    async fn nudge(&self, about: Nudge, message: &NewMessage) -> Result<bool, Error> {
        let mut tables = self.tables();
        let id = &message.account.id;
        let account = tables.accounts.get(id);
        let Some(account) = account.filter(|account| tables.is_to_be_told(about, account)) else {
            return Ok(false);
        };
        match about {
            Nudge::Reminder { .. } => {
                tables.reminded.insert(id.clone(), message.at);
            }
            Nudge::Stale { .. } => {
                let fetched_at = account.fetched_at();
                tables.stale_told.insert(id.clone(), fetched_at);
            }
        }
        tables.add_message(message);
        Ok(true)
    }
}

impl Tables {
    pub(super) fn add_message(&mut self, message: &NewMessage) {
        self.last_message += 1;
        let number = self.last_message;
        let row = Row {
            due_at: Some(message.at),
            message: OutboxMessage {
                number,
                message: message.clone(),
                attempts: 0,
                failure: None,
            },
        };
        self.outbox.insert(number, row);
    }

    /// What was to be told of an account before its end holds no more than its last message does.
    pub(super) fn end_messages(&mut self, account: &AccountId, last: Option<&NewMessage>) {
        let Some(last) = last else {
            self.outbox
                .retain(|_, row| row.message.account_id() != account);
            return;
        };
        for row in self.outbox.values_mut() {
            if row.message.account_id() == account {
                row.message.message.account = last.account.clone();
            }
        }
        self.add_message(last);
    }

    fn is_to_be_told(&self, about: Nudge, account: &AccountRecord) -> bool {
        match about {
            Nudge::Reminder { since } => {
                let reminded = self.reminded.get(&account.id);
                account.requires_reauth() && reminded.is_none_or(|at| *at < since)
            }
            Nudge::Stale { since } => {
                let fetched_at = account.fetched_at();
                let told = self.stale_told.get(&account.id);
                fetched_at < since && told.is_none_or(|for_one| *for_one < fetched_at)
            }
        }
    }
}
