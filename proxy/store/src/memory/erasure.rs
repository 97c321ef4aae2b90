//! Erasing accounts in memory.

use std::collections::BTreeSet;

use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, Reference, UserId};

use super::Tables;
use crate::changes::Changed;

impl Tables {
    /// Takes away an account and what is only there because of it.
    pub(super) fn remove_account(&mut self, id: &AccountId) {
        self.accounts.remove(id);
        self.checks.retain(|(of, _), _| of != id);
        self.next_checks.remove(id);
        self.scheduled.remove(id);
        self.scheduled_until.remove(id);
        self.reminded.remove(id);
        self.stale_told.remove(id);
        self.statement_pdfs.retain(|(account, _), _| account != id);
        let jobs: Vec<_> = self
            .jobs
            .extract_if(.., |_, job| job.account == *id)
            .collect();
        for (job, _) in jobs {
            self.next_job_checks.remove(&job);
        }
    }

    pub(super) fn erase_account(&mut self, user: &UserId, id: &AccountId, at: Timestamp) -> bool {
        let account = self
            .accounts
            .get(id)
            .filter(|account| account.user == *user);
        let Some(reference) = account.map(|account| account.reference.clone()) else {
            return false;
        };
        self.remove_account(id);
        let sessions: Vec<_> = self
            .link_sessions
            .extract_if(.., |of, session| {
                session.account.as_ref() == Some(id) || *of == reference
            })
            .map(|(reference, _)| reference)
            .collect();
        self.exchanges.retain(|_, exchange| {
            exchange.account.as_ref() != Some(id) && !sessions.contains(&exchange.reference)
        });
        self.erase_events(id, at);
        self.changes.retain(|row| row.change.account != *id);
        self.forget_duplicates_of(id, at);
        self.add_change(user, id, Changed::Removed, at);
        true
    }

    /// Erases what Mono told of an account, and remembers that it is gone.
    fn erase_events(&mut self, id: &AccountId, at: Timestamp) {
        for row in self.inbox.values_mut() {
            if row.is_about(id) {
                row.erase(at);
            }
        }
        self.erased_accounts.insert(id.clone(), at);
    }

    /// Erases what Mono told of the user's attempts to link, and of accounts that it says came of
    /// them and that nobody has.
    pub(super) fn erase_events_of_attempts(&mut self, user: &UserId, at: Timestamp) {
        let sessions = self.link_sessions.values();
        let sessions = sessions.filter(|session| session.user == *user);
        let exchanges = self.exchanges.values();
        let exchanges = exchanges.filter(|exchange| exchange.user == *user);
        let references: BTreeSet<Reference> = sessions
            .map(|session| session.reference.clone())
            .chain(exchanges.map(|exchange| exchange.reference.clone()))
            .collect();
        let mut accounts = BTreeSet::new();
        for row in self.inbox.values_mut() {
            if row
                .reference()
                .is_some_and(|named| references.contains(named))
            {
                accounts.extend(row.account().cloned());
                row.erase(at);
            }
        }
        for account in accounts {
            if !self.accounts.contains_key(&account) {
                self.erase_events(&account, at);
            }
        }
    }

    /// What is gone is nobody's earlier account any more.
    fn forget_duplicates_of(&mut self, id: &AccountId, at: Timestamp) {
        let mut changed = Vec::new();
        for account in self.accounts.values_mut() {
            if account.duplicate_of.as_ref() == Some(id) {
                account.duplicate_of = None;
                account.version += 1;
                account.updated_at = at;
                changed.push((account.user.clone(), account.id.clone()));
            }
        }
        for (user, account) in changed {
            self.add_change(&user, &account, Changed::Account, at);
        }
    }
}
