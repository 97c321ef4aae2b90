//! How Mono gets data from a bank: after a link, by sync, by itself, after re-authorisation.

use jiff::Timestamp;

use super::account::{AVAILABLE, BALANCE, IDENTITY, PARTIAL, TRANSACTIONS};
use super::events::Due;
use super::{Refusal, World};
use crate::clock::later;
use crate::webhook::Event;

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
        let new_data = self.copy_from_bank(id, now);
        let event = match cause {
            Cause::Linked => Event::Updated {
                sync_status: None,
                new_data: false,
            },
            Cause::Reauthorised => Event::Updated {
                sync_status: Some("SUCCESSFUL"),
                new_data,
            },
        };
        self.emit(id, event);
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
            self.emit(id, Event::ReauthorisationRequired);
            return SyncOutcome::ReauthorisationRequired;
        }
        match self.outcome_of(id).as_str() {
            PARTIAL if !allow_incomplete => SyncOutcome::Incomplete,
            AVAILABLE | PARTIAL => {
                let new_data = self.copy_from_bank(id, now);
                self.emit(
                    id,
                    Event::Updated {
                        sync_status: Some("SUCCESSFUL"),
                        new_data,
                    },
                );
                SyncOutcome::Synced { new_data }
            }
            _ => {
                self.copy_from_bank(id, now);
                self.emit(
                    id,
                    Event::Updated {
                        sync_status: Some("FAILED"),
                        new_data: false,
                    },
                );
                SyncOutcome::Failed
            }
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
    fn outcome_of(&self, id: &str) -> String {
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

    /// Brings the copy up to `now` as far as the outcome allows; true when something was new.
    fn copy_from_bank(&mut self, id: &str, now: Timestamp) -> bool {
        let outcome = self.outcome_of(id);
        let Ok(account) = self.account(id) else {
            return false;
        };
        let (bank_account, as_of) = (account.bank_account, account.transactions_as_of);
        let ledger = &mut self.banks.accounts[bank_account].ledger;
        ledger.book_until(now);
        let lines_before = as_of.map_or(0, |at| ledger.entries_until(at).len());
        let lines_now = ledger.entries_until(now).len();
        let Ok(account) = self.account_mut(id) else {
            return false;
        };
        let first = account.is_processing();
        account.updated_at = now;
        let full = outcome == AVAILABLE;
        if full || outcome == PARTIAL {
            account.balance_as_of = Some(now);
            account.add_retrieved(BALANCE);
        }
        if full {
            account.transactions_as_of = Some(now);
            account.add_retrieved(IDENTITY);
            account.add_retrieved(TRANSACTIONS);
        }
        let complete = account.has(BALANCE) && account.has(TRANSACTIONS);
        let something = full || outcome == PARTIAL;
        if first || (!something && account.retrieved.is_empty()) {
            account.data_status = outcome;
        } else if something {
            let word = if complete { AVAILABLE } else { PARTIAL };
            word.clone_into(&mut account.data_status);
        }
        full && lines_now > lines_before
    }
}
