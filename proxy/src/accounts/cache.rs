//! What Mono answered, kept in memory for a while, so that an identical read costs no call.
//!
//! Never on disk, and never asked before the account was found to be the caller's. What a fact has
//! overtaken is not served any more, unless Mono has nothing else to say; what was asked for before
//! the fact is not kept.

mod answer;
mod loads;
mod shelves;

#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mono_client::Period;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::AccountId;
use mono_connect_shared::transaction::{Freshness, Source};
use mono_connect_store::AccountRecord;
use tokio::sync::oneshot;
use tracing::Instrument as _;

use super::read::{TransactionsRequest, no_data, read_failed};
use super::{Accounts, Error};
use answer::Answer;
pub(super) use answer::Datum;
use loads::{Coming, Failed, Loads};
use shelves::Shelves;

/// Which answer of Mono's about an account. Each names one type of answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Read {
    /// The balance.
    Balance,
    /// One page of transactions.
    Transactions(TransactionsRequest),
    /// The statement of some months.
    Statement(Period),
    /// What came in, by months.
    Credits,
    /// What went out, by months.
    Debits,
    /// The holder.
    Identity,
    /// What comes in regularly.
    Income,
    /// What it holds besides money.
    Assets,
    /// What that brought.
    Earnings,
    /// Whatever is asked of the bank in real time: listed, but never kept under this name.
    Realtime,
}

impl Read {
    /// The name for metrics.
    const fn name(&self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Transactions(_) => "transactions",
            Self::Statement(_) => "statement",
            Self::Credits => "credits",
            Self::Debits => "debits",
            Self::Identity => "identity",
            Self::Income => "income",
            Self::Assets => "assets",
            Self::Earnings => "earnings",
            Self::Realtime => "realtime",
        }
    }

    /// What it weighs beyond its own size.
    fn text(&self) -> usize {
        match self {
            Self::Transactions(request) => request.narration.as_ref().map_or(0, String::len),
            _ => 0,
        }
    }
}

type Key = (AccountId, Read);

/// The answers of one process.
#[derive(Debug)]
pub(super) struct Cache(Mutex<State>);

#[derive(Debug)]
struct State {
    shelves: Shelves,
    loads: Loads,
}

/// How a read goes on.
enum Turn {
    /// It is known.
    Known(Answer),
    /// Somebody is asking already.
    Join(Coming),
    /// It is ours to ask.
    Start(Coming),
}

impl Cache {
    /// Keeps answers for so long at most. For no time: nothing is kept, and equal reads at the same
    /// time share one load all the same.
    pub(super) fn new(longest: Duration) -> Self {
        Self(Mutex::new(State {
            shelves: Shelves::new(longest),
            loads: Loads::default(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts {
    /// What Mono says to this read of an account that is the caller's: from memory, else by `load`.
    ///
    /// Equal reads at the same time share one load, which goes on when its first caller has gone.
    /// `load` gives None where Mono says that it has no data; then the last true answer is given if
    /// there is one, and else [`Error::DataNotReady`].
    pub(super) async fn known<T: Datum>(
        &self,
        record: &AccountRecord,
        read: Read,
        load: impl Future<Output = Result<Option<T>, mono_client::Error>> + Send + 'static,
    ) -> Result<(T, Freshness), Error> {
        let now = self.now();
        let name = read.name();
        let key = (record.id.clone(), read);
        let (coming, source) = match self.begin(&key, now, load) {
            Turn::Known(answer) => {
                self.metrics().upstream_call_saved(name);
                return known(&answer, Source::Cache);
            }
            Turn::Join(coming) => {
                self.metrics().upstream_call_saved(name);
                (coming, Source::Mono)
            }
            Turn::Start(coming) => (coming, Source::Mono),
        };
        match coming.await {
            Ok(Some(answer)) => known(&answer, source),
            Ok(None) => {
                let last = self.inner.cache.state().shelves.last_true(&key, now);
                known(&last.ok_or_else(|| no_data(record))?, Source::Cache)
            }
            Err(Failed::Mono(error)) => Err(read_failed(error)),
            Err(Failed::Broken) => Err(Error::Broken("a read broke down")),
        }
    }

    fn begin<T: Datum>(
        &self,
        key: &Key,
        now: Timestamp,
        load: impl Future<Output = Result<Option<T>, mono_client::Error>> + Send + 'static,
    ) -> Turn {
        let mut state = self.inner.cache.state();
        if let Some(answer) = state.shelves.find(key, now) {
            return Turn::Known(answer);
        }
        if let Some(coming) = state.loads.find(key) {
            return Turn::Join(coming);
        }
        let number = state.loads.next_number();
        let (outcome, comes) = oneshot::channel();
        let coming = state.loads.list(key.clone(), number, comes);
        drop(state);
        let listed = Listed {
            accounts: self.clone(),
            key: key.clone(),
            number,
        };
        // A task of its own: who waits for somebody else's load must not depend on that caller.
        let loading = async move {
            let loaded = loads::answer(load, now).await;
            if let Ok(Some(answer)) = &loaded {
                listed.keep(answer);
            }
            // Everybody may have gone by now.
            drop(outcome.send(loaded));
        };
        self.inner.tasks.spawn(loading.in_current_span());
        Turn::Start(coming)
    }

    /// Forgets what Mono answered about an account, because it may say something else now.
    pub(super) fn forget_cached(&self, id: &AccountId) {
        let mut state = self.inner.cache.state();
        state.loads.unlist(id);
        state.shelves.supersede(id);
    }

    /// Forgets everything that Mono answered, because nobody knows what has changed.
    pub(super) fn forget_all_cached(&self) {
        let mut state = self.inner.cache.state();
        state.loads.unlist_all();
        state.shelves.supersede_all();
    }

    /// Erases what Mono answered about an account that is gone.
    pub(super) fn erase_cached(&self, id: &AccountId) {
        let mut state = self.inner.cache.state();
        state.loads.unlist(id);
        state.shelves.erase(id);
    }

    /// Erases what is too old to be told, also where nobody asks any more.
    pub fn erase_old_answers(&self) {
        let now = self.now();
        let mut state = self.inner.cache.state();
        state.shelves.sweep(now);
    }
}

/// A question that nobody can join, because each is paid for; what it brings may be kept.
pub(super) struct Asked(Listed);

impl Accounts {
    /// Notes that something is asked of the bank about this account.
    pub(super) fn asking(&self, id: &AccountId) -> Asked {
        let key = (id.clone(), Read::Realtime);
        let mut state = self.inner.cache.state();
        let number = state.loads.next_number();
        // Nobody looks for it.
        let (_, comes) = oneshot::channel();
        drop(state.loads.list(key.clone(), number, comes));
        drop(state);
        Asked(Listed {
            accounts: self.clone(),
            key,
            number,
        })
    }
}

impl Asked {
    /// Forgets what was known of the account, because this is newer; and keeps it as the answer to a
    /// read, unless a fact has overtaken it.
    pub(super) fn brought<T: Datum>(self, answer: Option<(Read, T)>, as_of: Timestamp) {
        let Listed {
            accounts,
            key,
            number,
        } = &self.0;
        let now = accounts.now();
        let mut state = accounts.inner.cache.state();
        let counts = state.loads.is_listed(key, *number);
        state.loads.unlist(&key.0);
        state.shelves.supersede(&key.0);
        if let Some((read, value)) = answer.filter(|_| counts) {
            let key = (key.0.clone(), read);
            state.shelves.keep(&key, Answer::new(value, as_of), now);
        }
    }
}

/// A load that others can join, until it ends or a fact overtakes it.
struct Listed {
    accounts: Accounts,
    key: Key,
    number: u64,
}

impl Listed {
    /// Keeps what was loaded, unless a fact has overtaken it.
    fn keep(&self, answer: &Answer) {
        let now = self.accounts.now();
        let mut state = self.accounts.inner.cache.state();
        if state.loads.is_listed(&self.key, self.number) {
            state.shelves.keep(&self.key, answer.clone(), now);
        }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut state = self.accounts.inner.cache.state();
        state.loads.end(&self.key, self.number);
    }
}

fn known<T: Datum>(answer: &Answer, source: Source) -> Result<(T, Freshness), Error> {
    let value = answer.value().ok_or(Error::Broken(
        "two kinds of answers were kept under one name",
    ))?;
    let freshness = Freshness {
        source,
        as_of: answer.as_of,
        has_new_data: None,
        job: None,
    };
    Ok((value, freshness))
}
