//! The inbox in memory: as durable as the process.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId, Reference};

use super::{MemoryStore, Tables};
use crate::Error;
use crate::inbox::{Accepted, Backlog, Body, EventKey, InboxEvent, InboxStore, NewEvent, WaitsFor};

#[derive(Debug)]
pub(super) struct Row {
    event: NewEvent,
    attempts: u32,
    due_at: Option<Timestamp>,
    waits_for: Option<WaitsFor>,
    pub(super) done_at: Option<Timestamp>,
}

impl Row {
    pub(super) fn is_waiting(&self) -> bool {
        self.waits_for.is_some()
    }

    pub(super) fn account(&self) -> Option<&AccountId> {
        self.event.account.as_ref()
    }

    pub(super) fn reference(&self) -> Option<&Reference> {
        self.event.reference.as_ref()
    }

    pub(super) fn is_about(&self, account: &AccountId) -> bool {
        let awaited = WaitsFor::Account(account.clone());
        self.account() == Some(account) || self.waits_for.as_ref() == Some(&awaited)
    }

    /// Erases it: what it says is not wanted any more.
    pub(super) fn erase(&mut self, at: Timestamp) {
        self.forget();
        self.due_at = None;
        self.waits_for = None;
        self.done_at = self.done_at.or(Some(at));
    }

    fn forget(&mut self) {
        self.event.body = Vec::new();
        self.event.account = None;
        self.event.reference = None;
    }

    pub(super) fn received_at(&self) -> Timestamp {
        self.event.received_at
    }
}

#[async_trait]
impl InboxStore for MemoryStore {
    async fn accept_event(&self, event: NewEvent) -> Result<Accepted, Error> {
        let mut tables = self.tables();
        let known = tables.inbox.values().any(|row| is_same(&row.event, &event));
        if known {
            return Ok(Accepted::Duplicate);
        }
        let due_at = Some(event.received_at);
        tables.last_event += 1;
        let row = Row {
            event,
            attempts: 0,
            due_at,
            waits_for: None,
            done_at: None,
        };
        let id = tables.last_event;
        tables.inbox.insert(id, row);
        Ok(Accepted::New)
    }

    async fn claim_events(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<InboxEvent>, Error> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let mut tables = self.tables();
        let due = tables
            .inbox
            .iter_mut()
            .filter(|(_, row)| row.due_at.is_some_and(|at| at <= now));
        Ok(due
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .map(|(id, row)| {
                row.due_at = Some(until);
                row.attempts += 1;
                InboxEvent {
                    id: *id,
                    body: row.event.body.clone(),
                    received_at: row.event.received_at,
                    attempts: row.attempts,
                }
            })
            .collect())
    }

    async fn finish_event(&self, id: i64, at: Timestamp, body: Body) -> Result<(), Error> {
        if let Some(row) = self.tables().inbox.get_mut(&id) {
            row.due_at = None;
            row.done_at = Some(at);
            if body == Body::Erased {
                row.forget();
            }
        }
        Ok(())
    }

    async fn retry_event(&self, id: i64, at: Timestamp) -> Result<(), Error> {
        if let Some(row) = self
            .tables()
            .inbox
            .get_mut(&id)
            .filter(|row| row.done_at.is_none())
        {
            row.due_at = Some(at);
        }
        Ok(())
    }

    async fn park_event(&self, id: i64, waits_for: &WaitsFor) -> Result<bool, Error> {
        let mut tables = self.tables();
        let known = match waits_for {
            WaitsFor::Account(account) => {
                tables.accounts.contains_key(account)
                    || tables.erased_accounts.contains_key(account)
            }
            WaitsFor::Job(job) => tables.jobs.contains_key(job),
        };
        let row = tables.inbox.get_mut(&id);
        let Some(row) = row.filter(|row| !known && row.done_at.is_none()) else {
            return Ok(false);
        };
        row.due_at = None;
        row.waits_for = Some(waits_for.clone());
        Ok(true)
    }

    async fn inbox_backlog(&self) -> Result<Backlog, Error> {
        let tables = self.tables();
        let due = tables.inbox.values().filter(|row| row.due_at.is_some());
        let mut backlog = Backlog::default();
        for row in due {
            let came = row.event.received_at;
            backlog.events += 1;
            backlog.oldest = Some(backlog.oldest.map_or(came, |oldest| oldest.min(came)));
        }
        Ok(backlog)
    }
}

fn is_same(known: &NewEvent, event: &NewEvent) -> bool {
    match &event.key {
        EventKey::Id(_) => known.key == event.key,
        EventKey::Content { within, .. } => {
            known.key == event.key && event.received_at.duration_since(known.received_at) < *within
        }
    }
}

impl Tables {
    pub(super) fn wake_events_of_account(&mut self, account: &AccountId, at: Timestamp) {
        self.wake(&WaitsFor::Account(account.clone()), at);
    }

    pub(super) fn wake_events_of_job(&mut self, job: &JobId, at: Timestamp) {
        self.wake(&WaitsFor::Job(job.clone()), at);
    }

    fn wake(&mut self, awaited: &WaitsFor, at: Timestamp) {
        for row in self.inbox.values_mut() {
            if row.waits_for.as_ref() == Some(awaited) {
                row.waits_for = None;
                row.due_at = Some(at);
            }
        }
    }
}
