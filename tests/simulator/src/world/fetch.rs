//! How Mono gets data from a bank: after a link, by sync, by itself, after re-authorisation.

use jiff::Timestamp;

use super::account::{AVAILABLE, BALANCE, IDENTITY, PARTIAL, TRANSACTIONS};
use super::events::Due;
use super::settings::Generation;
use super::webhook::{Event, Update};
use super::{Refusal, World};
use crate::clock::later;

/// Why Mono asks the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The account was just linked.
    Linked,
    /// Its user came back.
    Reauthorised,
}

/// How an attempt to get newer data ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyncOutcome {
    /// The copy is fresh.
    Synced {
        /// The bank had something that the copy had not.
        new_data: bool,
    },
    /// The bank wants its user.
    ReauthorisationRequired,
    /// Only a part came, and the caller did not allow that.
    Incomplete,
    /// Nothing came.
    Failed,
}

/// One manual sync per account in this time.
pub(crate) const SYNC_EVERY: std::time::Duration = std::time::Duration::from_mins(2);

impl World {
    /// The first fetch, or the one after re-authorisation, has come to its end.
    pub(crate) fn finish_fetch(&mut self, id: &str, cause: Cause) {
        let now = self.now();
        if self.account(id).is_err() {
            return;
        }
        let new_data = self.copy_everything(id, now);
        let event = match cause {
            Cause::Linked => Event::Updated(Update::default()),
            Cause::Reauthorised => {
                let sync_status = Some(sync_word(&self.outcome_of(id)));
                Event::Updated(Update {
                    sync_status,
                    new_data,
                    job: None,
                })
            }
        };
        self.emit(id, &event);
    }

    /// A manual sync.
    ///
    /// # Errors
    /// Unknown account, or the last sync was less than two minutes ago.
    pub(crate) fn sync(
        &mut self,
        id: &str,
        allow_incomplete: bool,
    ) -> Result<SyncOutcome, Refusal> {
        let now = self.now();
        let account = self.account_mut(id)?;
        if account
            .last_sync
            .is_some_and(|at| later(at, SYNC_EVERY) > now)
        {
            return Err(Refusal::SyncTooSoon);
        }
        account.last_sync = Some(now);
        Ok(self.try_sync(id, now, allow_incomplete))
    }

    /// What Mono does by itself once per refresh interval.
    pub(crate) fn refresh(&mut self, id: &str) -> Result<SyncOutcome, Refusal> {
        let now = self.now();
        self.account(id)?;
        Ok(self.try_sync(id, now, true))
    }

    /// Plans the next automatic refresh of an account, unless they are turned off.
    pub(crate) fn plan_refresh(&mut self, id: &str) {
        let interval = self.settings.refresh_interval;
        if !interval.is_zero() {
            let at = later(self.now(), interval.max(std::time::Duration::from_mins(1)));
            self.agenda.add(
                at,
                Due::Refresh {
                    account: id.to_owned(),
                },
            );
        }
    }

    fn try_sync(&mut self, id: &str, now: Timestamp, allow_incomplete: bool) -> SyncOutcome {
        if self.needs_its_user(id, now) {
            self.emit(id, &Event::ReauthorisationRequired);
            return SyncOutcome::ReauthorisationRequired;
        }
        let outcome = self.outcome_of(id);
        if outcome == PARTIAL && !allow_incomplete {
            return SyncOutcome::Incomplete;
        }
        let new_data = self.copy_everything(id, now);
        let is_v1 = self.account(id).map(|account| account.generation) == Ok(Generation::V1);
        let event =
            if is_v1 && self.settings.dialect.sync_failed_in_v1 && !brings_something(&outcome) {
                Event::SyncFailed
            } else {
                Event::Updated(Update {
                    sync_status: Some(sync_word(&outcome)),
                    new_data,
                    job: None,
                })
            };
        self.emit(id, &event);
        if brings_something(&outcome) {
            SyncOutcome::Synced { new_data }
        } else {
            SyncOutcome::Failed
        }
    }

    /// True when the bank answers only with its user present.
    pub(crate) fn needs_its_user(&self, id: &str, now: Timestamp) -> bool {
        let Ok(account) = self.account(id) else {
            return false;
        };
        let institution = self.bank_account(account).institution;
        let session_over = later(account.logged_in_at, self.settings.mfa_session) <= now;
        account.reauth_required || (self.asks_for_otp(institution) && session_over)
    }

    /// The word for what a fetch of this account brings now.
    pub(super) fn outcome_of(&self, id: &str) -> String {
        let Ok(account) = self.account(id) else {
            return AVAILABLE.to_owned();
        };
        let institution = self.bank_account(account).institution;
        account
            .outcome
            .clone()
            .or_else(|| self.institution_change(institution.id).outcome)
            .unwrap_or_else(|| AVAILABLE.to_owned())
    }

    /// A fetch of all parts, as far as the outcome allows; true when something was new.
    fn copy_everything(&mut self, id: &str, now: Timestamp) -> bool {
        let outcome = self.outcome_of(id);
        let parts: &[&'static str] = match outcome.as_str() {
            AVAILABLE => &[BALANCE, IDENTITY, TRANSACTIONS],
            PARTIAL => &[BALANCE],
            _ => &[],
        };
        let new_data = self.copy_parts(id, now, parts);
        let Ok(account) = self.account_mut(id) else {
            return false;
        };
        if account.is_processing() || (parts.is_empty() && account.retrieved.is_empty()) {
            account.data_status = outcome;
        } else if !parts.is_empty() {
            let complete = account.has(BALANCE) && account.has(TRANSACTIONS);
            let word = if complete { AVAILABLE } else { PARTIAL };
            word.clone_into(&mut account.data_status);
        }
        new_data
    }

    /// Brings these parts of the copy up to `now`; true when something was new.
    pub(super) fn copy_parts(&mut self, id: &str, now: Timestamp, parts: &[&'static str]) -> bool {
        let Ok(account) = self.account(id) else {
            return false;
        };
        let (bank_account, balance, rows) = (
            account.bank_account,
            account.balance_lines,
            account.transaction_lines,
        );
        let habits = self.settings.habits;
        let ledger = &mut self.banks.accounts[bank_account].ledger;
        ledger.book_until(now, habits);
        let lines = ledger.len();
        let behind = |copied: Option<usize>| copied.unwrap_or(0) < lines;
        let new_data = parts.iter().any(|part| match *part {
            BALANCE => behind(balance),
            TRANSACTIONS => behind(rows),
            _ => false,
        });
        let Ok(account) = self.account_mut(id) else {
            return false;
        };
        account.updated_at = now;
        for part in parts {
            match *part {
                BALANCE => account.balance_lines = Some(lines),
                TRANSACTIONS => account.transaction_lines = Some(lines),
                _ => {}
            }
            account.add_retrieved(part);
        }
        new_data
    }
}

/// The word in `meta.sync_status` for what a fetch brought.
pub(super) fn sync_word(outcome: &str) -> &'static str {
    if brings_something(outcome) {
        "SUCCESSFUL"
    } else {
        "FAILED"
    }
}

pub(super) fn brings_something(outcome: &str) -> bool {
    outcome == AVAILABLE || outcome == PARTIAL
}
