//! Taking an event of Mono's: what it tells is applied, after Mono has confirmed good news.
//!
//! Mono does not sign its events, so whoever learns the shared secret can claim anything. What
//! would show a page fresh data or a login that succeeded is therefore asked for before it counts.

use jiff::SignedDuration;
use mono_client::webhook::{Kind, SyncStatus, WebhookEvent};
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::{DataStatus, SyncResult};
use mono_connect_shared::id::AccountId;
use mono_connect_shared::lifecycle::{Cause, Fact};
use mono_connect_store::{AccountRecord, Check, ToldIncome, WaitsFor};

use super::income::told;
use super::link::Attached;
use super::{Accounts, Error, view};

/// Mono is asked to confirm events of one account at most once in this time. An event that comes just
/// after a question waits for so long, and is to be seen in a page within a second all the same.
const CONFIRMATION_INTERVAL: SignedDuration = SignedDuration::from_millis(250);

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Nothing is left to do.
    Done,
    /// It is about something that is not known yet.
    WaitsFor(WaitsFor),
    /// To be tried again after this time.
    Later(SignedDuration),
    /// It is about an account that was erased: nothing of it is wanted any more.
    Gone,
}

impl Accounts {
    /// Applies an event. Any event may come twice, late and out of order.
    pub async fn take(&self, event: &WebhookEvent, received_at: Timestamp) -> Result<Taken, Error> {
        if let Some(account) = &event.account
            && self.store().is_erased(&view::account_id(account)?).await?
        {
            return Ok(Taken::Gone);
        }
        // A clock ahead of ours must not keep what we learn next from counting.
        let at = event.timestamp.unwrap_or(received_at).min(received_at);
        match &event.kind {
            Kind::AccountConnected {
                account,
                data_status,
                reference,
                ..
            } => {
                let id = view::account_id(account)?;
                let status = data_status.as_deref().map(DataStatus::from);
                self.take_connected(&id, status, reference.as_deref(), at, received_at)
                    .await
            }
            Kind::AccountUpdated {
                account,
                details,
                data_status,
                retrieved_data,
                sync_status,
                ..
            } => {
                let mut facts = Vec::new();
                if let Some(status) = data_status {
                    let data = Fact::Data {
                        status: DataStatus::from(status.as_str()),
                        retrieved: retrieved_data.clone().unwrap_or_default(),
                    };
                    // The account's own time is that of its data; a sync that failed leaves it.
                    facts.push((
                        data,
                        event.told_at().unwrap_or(received_at).min(received_at),
                    ));
                }
                facts.extend(sync_status.as_ref().map(|status| (synced(status), at)));
                let told = Told {
                    facts,
                    profile: Some(details.as_ref()),
                    income: None,
                    received_at,
                };
                self.take_facts(&view::account_id(account)?, told).await
            }
            Kind::AccountReauthorised { account } => {
                let told = Told::fact(Fact::Reauthorised, at, received_at);
                self.take_facts(&view::account_id(account)?, told).await
            }
            Kind::ReauthorisationRequired { account } => {
                let told = Told::fact(Fact::ReauthorisationRequired(Cause::Event), at, received_at);
                self.take_facts(&view::account_id(account)?, told).await
            }
            Kind::SyncFailed { account } => {
                let told = Told::fact(Fact::Synced(SyncResult::Failed), at, received_at);
                self.take_facts(&view::account_id(account)?, told).await
            }
            Kind::AccountIncome { account, found } => {
                let told = Told {
                    income: found.as_ref().map(|found| told::income(found, at)),
                    ..Told::fact(Fact::IncomeAnalysed, at, received_at)
                };
                self.take_facts(&view::account_id(account)?, told).await
            }
            Kind::AccountUnlinked { account } => {
                self.take_unlinked(&view::account_id(account)?, received_at)
                    .await
            }
            Kind::JobUpdate {
                job,
                account,
                name,
                status,
                reauth_required,
            } => {
                let heard = super::jobs::Heard {
                    id: view::job_id(job)?,
                    name: name.clone(),
                    status: status.as_str().into(),
                    reauth_required: *reauth_required,
                    at,
                };
                let account = account.as_ref().map(view::account_id).transpose()?;
                self.take_job(heard, account).await
            }
            _ => Ok(Taken::Done),
        }
    }

    async fn take_connected(
        &self,
        id: &AccountId,
        status: Option<DataStatus>,
        reference: Option<&str>,
        at: Timestamp,
        received_at: Timestamp,
    ) -> Result<Taken, Error> {
        if self.store().find_any_account(id).await?.is_none() {
            return self.link_by_event(id, reference, at).await;
        }
        let fact = match status {
            Some(status) if status != DataStatus::Processing => Fact::Data {
                status,
                retrieved: Vec::new(),
            },
            _ => Fact::Connected,
        };
        self.take_facts(id, Told::fact(fact, at, received_at)).await
    }

    /// Links an account whose browser has not brought the code, and perhaps never will.
    async fn link_by_event(
        &self,
        id: &AccountId,
        reference: Option<&str>,
        at: Timestamp,
    ) -> Result<Taken, Error> {
        let unknown = || Ok(Taken::WaitsFor(WaitsFor::Account(id.clone())));
        let Some(Ok(reference)) = reference.map(str::parse) else {
            return unknown();
        };
        // While the browser's exchange is under way, its outcome is awaited.
        let _attempt = self.turn(&self.inner.attempts, &reference).await?;
        let session = self.store().find_link_session(&reference).await?;
        // Open when the user logged in; the news may have taken longer.
        let open = session.filter(|session| session.account.is_none() && at < session.expires_at);
        let Some(session) = open else {
            return unknown();
        };
        match self.attach(session, id.clone(), Attached::ByEvent).await {
            Ok(_) => Ok(Taken::Done),
            Err(Error::ReferenceMismatch | Error::LinkSessionInvalid) => unknown(),
            Err(error) => Err(error),
        }
    }

    async fn take_facts(&self, id: &AccountId, mut told: Told<'_>) -> Result<Taken, Error> {
        let _turn = self.turn(&self.inner.facts, id).await?;
        let Some(mut record) = self.store().find_any_account(id).await? else {
            return Ok(Taken::WaitsFor(WaitsFor::Account(id.clone())));
        };
        // Confirmed or not: what was read before it may be true no more.
        self.forget_cached(id);
        let good_news = told.facts.iter().any(|(fact, _)| is_good_news(fact));
        if self.settings().confirm_events && good_news {
            record = match self.confirm(record, told.received_at).await? {
                Some(record) => record,
                None => return Ok(Taken::Later(CONFIRMATION_INTERVAL)),
            };
            // Mono has said itself what the account is and how far its data.
            told.facts
                .retain(|(fact, _)| !matches!(fact, Fact::Data { .. }));
            told.profile = None;
        }
        if let Some(income) = told.income {
            // Before it is known that the analysis is over, so that who reads then has it.
            record = self.keep_told_income(record, income).await?;
        }
        let profile = told.profile.filter(|_| good_news);
        self.observe(record, &told.facts, profile).await?;
        Ok(Taken::Done)
    }

    /// Asks Mono about the account, unless it was asked since the event came. None when it was
    /// asked too recently.
    async fn confirm(
        &self,
        record: AccountRecord,
        received_at: Timestamp,
    ) -> Result<Option<AccountRecord>, Error> {
        let known_at = record.state.as_linked().and_then(|linked| linked.data.at);
        if known_at.is_some_and(|known_at| received_at <= known_at) {
            return Ok(Some(record));
        }
        let claimed = self
            .store()
            .claim_check(
                &record.id,
                Check::Confirmation,
                self.now(),
                CONFIRMATION_INTERVAL,
            )
            .await?;
        if claimed {
            self.refresh(record).await.map(Some)
        } else {
            Ok(None)
        }
    }
}

/// What an event tells of an account.
struct Told<'a> {
    /// Each with the time at which it was true.
    facts: Vec<(Fact, Timestamp)>,
    /// What the account is, as far as the event says.
    profile: Option<&'a mono_client::webhook::Profile>,
    /// What was found of the income.
    income: Option<ToldIncome>,
    received_at: Timestamp,
}

impl Told<'_> {
    fn fact(fact: Fact, at: Timestamp, received_at: Timestamp) -> Self {
        Self {
            facts: vec![(fact, at)],
            profile: None,
            income: None,
            received_at,
        }
    }
}

/// What would make a page show fresh data, or a login that succeeded.
fn is_good_news(fact: &Fact) -> bool {
    match fact {
        Fact::Data { status, .. } => status.is_available(),
        Fact::Synced(outcome) => *outcome == SyncResult::Synced,
        Fact::Reauthorised => true,
        Fact::Connected
        | Fact::ReauthorisationRequired(_)
        | Fact::IncomeAnalysed
        | Fact::Unlinked => false,
    }
}

fn synced(status: &SyncStatus) -> Fact {
    Fact::Synced(match status {
        SyncStatus::Successful => SyncResult::Synced,
        SyncStatus::Failed => SyncResult::Failed,
        SyncStatus::ReauthorisationRequired => SyncResult::ReauthorisationRequired,
        SyncStatus::Other(word) => SyncResult::from(word.as_str()),
    })
}
