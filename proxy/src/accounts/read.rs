//! Reading accounts and their data.

use jiff::SignedDuration;
use jiff::civil::Date;
use mono_client::{Client, Direction, TransactionsQuery};
use mono_connect_shared::account::{Account, Accounts as AccountList, DataStatus};
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::lifecycle::Linked;
use mono_connect_shared::transaction::{Balance, Freshness, Source, Transactions};
use mono_connect_store::{AccountRecord, Check};

use super::cache::{Datum, Read};
use super::realtime::{Ask, Brought};
use super::{Accounts, Error, view};

/// How often Mono is asked whether an account's data has come, at most.
const STATUS_CHECK_INTERVAL: SignedDuration = SignedDuration::from_secs(5);

/// Which transactions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TransactionsRequest {
    /// Not before this day.
    pub start: Option<Date>,
    /// Not after this day.
    pub end: Option<Date>,
    /// Only this way.
    pub kind: Option<Direction>,
    /// Only with this text in the narration.
    pub narration: Option<String>,
    /// Which page; the first is 1.
    pub page: Option<u32>,
    /// How many on a page.
    pub limit: Option<u32>,
}

/// What Mono has of an account, read now or a while ago.
pub(super) struct Told<T> {
    /// The account.
    pub(super) record: AccountRecord,
    /// What was asked for.
    pub(super) data: T,
    /// Where it came from and of when it is.
    pub(super) freshness: Freshness,
}

impl Accounts {
    /// The user's accounts.
    pub async fn list(&self, user: &UserId) -> Result<AccountList, Error> {
        let now = self.now();
        let records = self.store().list_accounts(user).await?;
        let accounts = records
            .into_iter()
            .filter_map(|record| view::account(record, now));
        Ok(AccountList {
            accounts: accounts.collect(),
        })
    }

    /// One of the user's accounts. Asks Mono while its data is still being fetched.
    pub async fn get(&self, user: &UserId, id: &AccountId) -> Result<Account, Error> {
        let record = self.find(user, id).await?;
        let record = self.refresh_if_wanted(record).await?;
        view::account(record, self.now()).ok_or(Error::AccountNotFound)
    }

    /// The account's balance. In real time: from the bank, if the budget allows it.
    pub async fn balance(
        &self,
        user: &UserId,
        id: &AccountId,
        realtime: bool,
    ) -> Result<Balance, Error> {
        let record = self.find_ready(user, id).await?;
        let mut session = None;
        if realtime {
            let read = self.read_in_real_time(user, id, Ask::Balance).await?;
            if let Some(Brought::Balance(Some(brought))) = read.brought {
                if !Fetched::of(&record).vouches_for(&brought) {
                    return Err(no_data(&record));
                }
                let told = Told {
                    record,
                    data: brought,
                    freshness: read.freshness,
                };
                return Ok(balance(self.with_balance(told).await));
            }
            session = Some(read.freshness);
        }
        // What is there, where the bank takes longer or is not asked.
        let ask = async |mono: Client, id| mono.balance(&id).await;
        let told = self.ask(record, Read::Balance, ask).await?;
        Ok(balance(self.with_balance(told).await.within(session)))
    }

    /// The account itself says the same as its balance that Mono told now, unless something newer is
    /// known of it. Whoever asked has an answer in any case.
    async fn with_balance(&self, told: Told<mono_client::Balance>) -> Told<mono_client::Balance> {
        let (balance, as_of) = (told.data.balance, told.freshness.as_of);
        let is_news = told.freshness.source == Source::Mono && balance.is_some();
        if !is_news || balance == told.record.profile.balance {
            return told;
        }
        let changed = self
            .change(told.record.clone(), |mut record| {
                let known_at = record.state.as_linked().and_then(|linked| linked.data.at);
                if known_at.is_none_or(|known_at| known_at <= as_of) {
                    record.profile.balance = balance;
                }
                Ok(record)
            })
            .await;
        match changed {
            Ok(record) => Told { record, ..told },
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a balance was not kept with its account"
                );
                told
            }
        }
    }

    /// One page of the account's transactions. In real time: from the bank, if the budget allows it.
    pub async fn transactions(
        &self,
        user: &UserId,
        id: &AccountId,
        request: TransactionsRequest,
        realtime: bool,
    ) -> Result<Transactions, Error> {
        let record = self.find_ready(user, id).await?;
        let query = request.query();
        let mut session = None;
        if realtime {
            let ask = Ask::Transactions(request.clone());
            let read = self.read_in_real_time(user, id, ask).await?;
            if let Some(Brought::Transactions(Some(page))) = read.brought {
                if !Fetched::of(&record).vouches_for(&page) {
                    return Err(no_data(&record));
                }
                let told = Told {
                    record,
                    data: page,
                    freshness: read.freshness,
                };
                return Ok(transactions(told, &request));
            }
            session = Some(read.freshness);
        }
        let ask = async move |mono: Client, id| mono.transactions(&id, &query).await;
        let read = Read::Transactions(request.clone());
        let told = self.ask(record, read, ask).await?;
        Ok(transactions(told.within(session), &request))
    }

    /// Reads something of the user's account, once its data can be read. `read` names what `ask`
    /// asks for.
    pub(super) async fn read<T: Datum, F>(
        &self,
        user: &UserId,
        id: &AccountId,
        read: Read,
        ask: impl FnOnce(Client, mono_client::AccountId) -> F,
    ) -> Result<Told<T>, Error>
    where
        F: Future<Output = Result<Option<T>, mono_client::Error>> + Send + 'static,
    {
        let record = self.find_ready(user, id).await?;
        self.ask(record, read, ask).await
    }

    /// What Mono says, now or a while ago. That it has nothing is no answer, and neither is a list
    /// without rows of an account of which it has fetched none.
    pub(super) async fn ask<T: Datum, F>(
        &self,
        record: AccountRecord,
        read: Read,
        ask: impl FnOnce(Client, mono_client::AccountId) -> F,
    ) -> Result<Told<T>, Error>
    where
        F: Future<Output = Result<Option<T>, mono_client::Error>> + Send + 'static,
    {
        let asked = ask(self.mono().clone(), view::mono_id(&record.id)?);
        let fetched = Fetched::of(&record);
        let load = async move {
            let data = asked.await?;
            Ok(data.filter(|data| fetched.vouches_for(data)))
        };
        let (data, freshness) = self.known(&record, read, load).await?;
        Ok(Told {
            record,
            data,
            freshness,
        })
    }

    /// The user's account, once its data can be read.
    pub(super) async fn find_ready(
        &self,
        user: &UserId,
        id: &AccountId,
    ) -> Result<AccountRecord, Error> {
        let record = self.find(user, id).await?;
        let record = self.refresh_if_wanted(record).await?;
        match record.state.as_linked() {
            None => Err(Error::AccountNotFound),
            Some(linked) if linked.data.status.is_available() => Ok(record),
            Some(linked) => Err(Error::DataNotReady(linked.data.status.clone())),
        }
    }

    /// Asks Mono about an account whose data is still being fetched, or whose attempt it has not
    /// confirmed, now and then. If Mono does not answer, what is known stays what is known.
    async fn refresh_if_wanted(&self, record: AccountRecord) -> Result<AccountRecord, Error> {
        let linked = record.state.as_linked();
        if !linked.is_some_and(Linked::wants_details) {
            return Ok(record);
        }
        let claimed = self
            .store()
            .claim_check(&record.id, Check::Status, self.now(), STATUS_CHECK_INTERVAL)
            .await?;
        if !claimed {
            return Ok(record);
        }
        match self.refresh(record.clone()).await {
            Err(Error::Mono(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no answer about a status"
                );
                Ok(record)
            }
            // It was attached by a code of somebody else's: for this user it never was.
            Err(Error::ReferenceMismatch) => Err(Error::AccountNotFound),
            outcome => outcome,
        }
    }
}

impl TransactionsRequest {
    pub(super) fn query(&self) -> TransactionsQuery {
        TransactionsQuery {
            start: self.start,
            end: self.end,
            kind: self.kind,
            narration: self.narration.clone(),
            page: self.page,
            limit: self.limit,
        }
    }
}

impl<T> Told<T> {
    /// The same, where it was asked for in this real-time session and is only what is there.
    fn within(self, session: Option<Freshness>) -> Self {
        let Some(Freshness {
            has_new_data, job, ..
        }) = session
        else {
            return self;
        };
        Self {
            freshness: Freshness {
                has_new_data,
                job,
                ..self.freshness
            },
            ..self
        }
    }
}

fn balance(told: Told<mono_client::Balance>) -> Balance {
    Balance {
        balance: told.data.balance,
        currency: told.data.currency.or(told.record.profile.currency),
        freshness: told.freshness,
    }
}

fn transactions(
    told: Told<mono_client::TransactionPage>,
    request: &TransactionsRequest,
) -> Transactions {
    let page = told.data;
    let number = request.page.unwrap_or(1);
    let next_page = has_next(&page, number, request.limit).then(|| number.saturating_add(1));
    let currency = told.record.profile.currency.as_deref();
    let rows = page
        .rows
        .into_iter()
        .map(|row| view::transaction(row, currency));
    Transactions {
        page: number,
        total: page.total,
        next_page,
        skipped: view::count(page.skipped),
        transactions: rows.collect(),
        freshness: told.freshness,
    }
}

/// Mono said `data: null`: there is nothing to read, whatever the status said. As Mono does that
/// while it fetches, an account whose data is all there is told as one that is processed.
pub(super) fn no_data(record: &AccountRecord) -> Error {
    let linked = record.state.as_linked();
    let status = linked.map(|linked| linked.data.status.clone());
    let status = status.filter(|status| *status != DataStatus::Available);
    Error::DataNotReady(status.unwrap_or(DataStatus::Processing))
}

/// What Mono has fetched of an account, where it has not fetched everything: an empty list is only
/// true where it has fetched what would be in it.
pub(super) struct Fetched(Option<Vec<String>>);

impl Fetched {
    pub(super) fn of(record: &AccountRecord) -> Self {
        let data = record.state.as_linked().map(|linked| &linked.data);
        let partial = data.filter(|data| data.status == DataStatus::Partial);
        Self(partial.map(|data| data.retrieved.clone()))
    }

    /// Whether this may be handed on as data.
    pub(super) fn vouches_for(&self, data: &impl Datum) -> bool {
        let Self(Some(fetched)) = self else {
            return true;
        };
        data.rests_on()
            .is_none_or(|what| fetched.iter().any(|one| one == what))
    }
}

/// Without transactions there is nothing to analyse, and Mono need not be asked. Where it did not say
/// what it has fetched, it is.
pub(super) fn must_be_fetched(record: &AccountRecord) -> Result<(), Error> {
    match Fetched::of(record).0 {
        Some(fetched)
            if !fetched.is_empty() && !fetched.iter().any(|what| what == "transactions") =>
        {
            Err(no_data(record))
        }
        _ => Ok(()),
    }
}

pub(super) fn read_failed(error: mono_client::Error) -> Error {
    match error {
        // The account was unlinked at Mono and the news has not reached us.
        mono_client::Error::NotFound => Error::AccountNotFound,
        mono_client::Error::NoData => Error::DataNotReady(DataStatus::Processing),
        error => error.into(),
    }
}

/// Whether another page follows: what Mono says, else what the numbers say. Nothing follows a page
/// without rows, whatever Mono says, so that nobody turns pages for ever.
fn has_next(page: &mono_client::TransactionPage, number: u32, limit: Option<u32>) -> bool {
    let rows = u64::try_from(page.rows.len() + page.skipped).unwrap_or(u64::MAX);
    let limit = limit.map(u64::from);
    if rows == 0 {
        return false;
    }
    match (page.has_next, page.total) {
        (Some(has_next), _) => has_next,
        (None, Some(total)) => u64::from(number).saturating_mul(limit.unwrap_or(rows)) < total,
        // Of a full page nobody knows whether it is the last.
        (None, None) => limit.is_some_and(|limit| rows >= limit),
    }
}
