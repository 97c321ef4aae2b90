//! What a page that watches is told: a snapshot, then every change, in order.

use std::collections::VecDeque;

use mono_connect_shared::account::{Account, Accounts as AccountList};
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::transaction::Job;
use mono_connect_store::{Change, Changed};
use tokio::sync::watch;

use super::{Accounts, Error, view};
use crate::events::Full;

/// Changes read at once. The rest waits in the store until the reader has taken these.
const BATCH: u32 = 64;

/// Something to tell a page.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedEvent {
    /// All accounts, as they are now.
    Snapshot(AccountList),
    /// One account, new or changed.
    Account(Box<Account>),
    /// One of an account's jobs.
    Job(AccountId, Job),
    /// An account is gone.
    Removed(AccountId),
}

/// One page's view of its user's changes.
pub struct Feed {
    accounts: Accounts,
    user: UserId,
    woken: watch::Receiver<()>,
    /// Up to which change the page knows; none before the snapshot.
    position: Option<i64>,
    waiting: VecDeque<Change>,
}

impl Accounts {
    /// Watches the user's accounts. From `last_seen` on, if that is still known; else from a
    /// snapshot.
    pub async fn feed(&self, user: &UserId, last_seen: Option<i64>) -> Result<Feed, Error> {
        // Watched before it is read, so that no change falls in between.
        let woken = self.inner.hub.watch(user).map_err(|full| match full {
            Full::OfUser => Error::TooManyPages,
            Full::OfAll => Error::TooManyStreams,
        })?;
        let range = self.store().change_range(user).await?;
        let position = last_seen.filter(|number| match range {
            Some((first, last)) => (first - 1..=last).contains(number),
            None => *number == 0,
        });
        Ok(Feed {
            accounts: self.clone(),
            user: user.clone(),
            woken,
            position,
            waiting: VecDeque::new(),
        })
    }
}

impl Feed {
    /// What is to be told now, with its number. None when there is nothing; then
    /// [`Feed::changed`] tells when to ask again.
    pub async fn next(&mut self) -> Result<Option<(i64, FeedEvent)>, Error> {
        if self.position.is_none() {
            return self.snapshot().await.map(Some);
        }
        loop {
            while let Some(change) = self.waiting.pop_front() {
                self.position = Some(change.number);
                if let Some(event) = self.event(&change).await? {
                    return Ok(Some((change.number, event)));
                }
            }
            self.woken.mark_unchanged();
            let position = self.position.unwrap_or_default();
            let changes = self
                .accounts
                .store()
                .changes_after(&self.user, position, BATCH)
                .await?;
            if changes.is_empty() {
                return Ok(None);
            }
            self.waiting = latest(changes);
        }
    }

    /// Waits until something may have changed.
    pub async fn changed(&mut self) {
        if self.woken.changed().await.is_err() {
            // The hub forgot us, which it does only to those who are gone.
            std::future::pending::<()>().await;
        }
    }

    async fn snapshot(&mut self) -> Result<(i64, FeedEvent), Error> {
        let range = self.accounts.store().change_range(&self.user).await?;
        let number = range.map_or(0, |(_, last)| last);
        let accounts = self.accounts.list(&self.user).await?;
        self.position = Some(number);
        Ok((number, FeedEvent::Snapshot(accounts)))
    }

    /// What a change is to a page now. None when something later makes it pointless.
    async fn event(&self, change: &Change) -> Result<Option<FeedEvent>, Error> {
        let store = self.accounts.store();
        Ok(match &change.what {
            Changed::Removed => Some(FeedEvent::Removed(change.account.clone())),
            Changed::Account => {
                let record = store.find_account(&self.user, &change.account).await?;
                record
                    .and_then(|record| view::account(record, self.accounts.now()))
                    .map(|account| FeedEvent::Account(Box::new(account)))
            }
            Changed::Job(id) => {
                let job = store.find_job(id).await?;
                job.map(|job| FeedEvent::Job(change.account.clone(), view::job(job)))
            }
        })
    }
}

/// Of several changes of the same thing only the last: they would all tell the same.
fn latest(changes: Vec<Change>) -> VecDeque<Change> {
    let mut kept: VecDeque<Change> = VecDeque::with_capacity(changes.len());
    for change in changes.into_iter().rev() {
        let told = kept
            .iter()
            .any(|later| later.account == change.account && later.what == change.what);
        if !told {
            kept.push_front(change);
        }
    }
    kept
}
