//! Over all accounts of a user, or of all users: look through them, hand a user's data out, and
//! erase it. For the site's own back end; the last two for the user as well.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::service::{
    AccountChange, AccountsPage, CodeExchange, ConsentOnRecord, IncomeOnRecord, JobOfAccount,
    LinkAttempt, OwnedAccount, UndeliveredEvent, UserExport,
};
use mono_connect_store::{AccountRecord, UserErasure, UserRecords};

use super::{Accounts, Error, audit, view};

/// Accounts read from the store at once.
const BATCH: u32 = 500;

/// Accounts looked at in one call. A filter that few pass must not hold up everything else; whoever
/// asks goes on from the cursor.
const LOOKED_AT: usize = 10_000;

/// How often a user's new accounts are unlinked while the user is being erased.
const ROUNDS: u32 = 3;

/// Which accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountsFilter {
    /// Only this user's.
    pub user: Option<UserId>,
    /// Only those that must, or need not, be re-authorised.
    pub requires_reauth: Option<bool>,
    /// Only those whose data was last fetched at least so long ago.
    pub stale_for: Option<SignedDuration>,
}

/// What became of a user who was to be erased.
#[derive(Debug)]
pub enum Erasure {
    /// Nothing is kept of the user.
    Erased,
    /// These accounts are still linked at Mono, and kept. The rest of them is gone; it may be tried
    /// again.
    StillLinked(Vec<(AccountId, Error)>),
}

impl AccountsFilter {
    fn passes(&self, record: &AccountRecord, now: Timestamp) -> bool {
        let Some(linked) = record.state.as_linked() else {
            return false;
        };
        let requires_reauth = linked.authorisation.required().is_some();
        let fetched_at = linked.data_as_of().unwrap_or(record.linked_at);
        self.requires_reauth
            .is_none_or(|only| only == requires_reauth)
            && self
                .stale_for
                .is_none_or(|stale_for| now.duration_since(fetched_at) >= stale_for)
    }
}

impl Accounts {
    /// Whose account this is.
    pub async fn owner(&self, id: &AccountId) -> Result<UserId, Error> {
        let record = self.store().find_any_account(id).await?;
        record
            .map(|record| record.user)
            .ok_or(Error::AccountNotFound)
    }

    /// Some of all accounts, after this id.
    pub async fn list_all(
        &self,
        filter: &AccountsFilter,
        mut after: Option<AccountId>,
        limit: usize,
    ) -> Result<AccountsPage, Error> {
        let now = self.now();
        let mut accounts = Vec::new();
        for _ in 0..LOOKED_AT.div_ceil(BATCH as usize) {
            let batch = self
                .store()
                .accounts_after(filter.user.as_ref(), after.as_ref(), BATCH)
                .await?;
            let is_last = batch.len() < BATCH as usize;
            for record in batch {
                if accounts.len() == limit {
                    return Ok(AccountsPage {
                        accounts,
                        next_cursor: after,
                    });
                }
                after = Some(record.id.clone());
                if filter.passes(&record, now) {
                    let user_id = record.user.clone();
                    let account = view::account(record, now);
                    accounts.extend(account.map(|account| OwnedAccount { user_id, account }));
                }
            }
            if is_last {
                after = None;
                break;
            }
        }
        Ok(AccountsPage {
            accounts,
            next_cursor: after,
        })
    }

    /// Everything that is kept of a user.
    pub async fn export(&self, user: &UserId) -> Result<UserExport, Error> {
        let now = self.now();
        let records = self.store().records_of_user(user).await?;
        Ok(UserExport {
            user_id: user.clone(),
            exported_at: now,
            consents: consents(&records),
            incomes: incomes(&records),
            accounts: records
                .accounts
                .into_iter()
                .filter_map(|record| view::account(record, now))
                .collect(),
            link_attempts: records
                .link_sessions
                .into_iter()
                .map(|session| LinkAttempt {
                    reference: session.reference,
                    created_at: session.created_at,
                    expires_at: session.expires_at,
                    account_id: session.account,
                })
                .collect(),
            code_exchanges: records
                .exchanges
                .into_iter()
                .map(|exchange| CodeExchange {
                    reference: exchange.reference,
                    started_at: exchange.started_at,
                    account_id: exchange.account,
                })
                .collect(),
            jobs: records
                .jobs
                .into_iter()
                .map(|job| JobOfAccount {
                    account_id: job.account.clone(),
                    job: view::job(job),
                })
                .collect(),
            changes: records
                .changes
                .into_iter()
                .map(|(at, account_id)| AccountChange { at, account_id })
                .collect(),
            undelivered_events: records
                .messages
                .into_iter()
                .map(|message| UndeliveredEvent {
                    id: message.message.id,
                    kind: message.message.kind,
                    timestamp: message.message.at,
                    account_id: message.message.account.id,
                })
                .collect(),
            audit: records.audit.into_iter().map(audit::shown).collect(),
        })
    }

    /// Unlinks each of the user's accounts at Mono and erases everything that names the user.
    ///
    /// Accounts that Mono does not unlink stay, and so does what belongs to the user, so that the
    /// same call may be made again. Goes on when the caller has gone.
    pub async fn erase_user(&self, user: &UserId) -> Result<Erasure, Error> {
        let (accounts, user) = (self.clone(), user.clone());
        self.to_the_end(async move { accounts.erase_user_to_the_end(&user).await })
            .await
    }

    async fn erase_user_to_the_end(&self, user: &UserId) -> Result<Erasure, Error> {
        for _ in 0..ROUNDS {
            let mut failed = Vec::new();
            for record in self.store().list_accounts(user).await? {
                match self.unlink(user, &record.id).await {
                    // Somebody else was faster.
                    Ok(()) | Err(Error::AccountNotFound) => {}
                    Err(error) => failed.push((record.id, error)),
                }
            }
            if !failed.is_empty() {
                return Ok(Erasure::StillLinked(failed));
            }
            // An account may have been linked meanwhile; it is unlinked in the next round.
            if self.store().erase_user(user, self.now()).await? == UserErasure::Erased {
                return Ok(Erasure::Erased);
            }
        }
        Ok(Erasure::StillLinked(Vec::new()))
    }
}

fn incomes(records: &UserRecords) -> Vec<IncomeOnRecord> {
    let accounts = records.accounts.iter();
    let told = accounts.filter_map(|account| {
        let told = account.profile.income.clone()?;
        Some(IncomeOnRecord {
            account_id: account.id.clone(),
            told_at: told.at,
            records: told.records,
        })
    });
    told.collect()
}

/// What stands with an account was copied from its attempt, which is pruned before it.
fn consents(records: &UserRecords) -> Vec<ConsentOnRecord> {
    let of_accounts = records.accounts.iter().filter_map(|account| {
        let given = account.consent.clone()?;
        Some(ConsentOnRecord {
            reference: account.reference.clone(),
            account_id: Some(account.id.clone()),
            given_at: given.given_at,
            consent: given.consent,
        })
    });
    let of_attempts = records.link_sessions.iter().filter_map(|session| {
        let told = |account: &AccountRecord| account.reference == session.reference;
        if records.accounts.iter().any(told) {
            return None;
        }
        Some(ConsentOnRecord {
            reference: session.reference.clone(),
            account_id: session.account.clone(),
            given_at: session.created_at,
            consent: session.consent.clone()?,
        })
    });
    of_accounts.chain(of_attempts).collect()
}
