//! Taking an event of Mono's: what it tells is applied, after Mono has confirmed good news.
//!
//! Mono does not sign its events, so whoever learns the shared secret can claim anything. What
//! would show a page fresh data or a login that succeeded is therefore asked for before it counts.

mod updated;

use jiff::SignedDuration;
use mono_client::webhook::{Kind, WebhookEvent};
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::{DataStatus, SyncResult};
use mono_connect_shared::id::AccountId;
use mono_connect_shared::lifecycle::{Cause, Fact};
use mono_connect_store::{AccountRecord, Check, ToldIncome, WaitsFor};

use super::income::told;
use super::jobs::Heard;
use super::link::Attached;
use super::{Accounts, Error, view};

/// Mono is asked to confirm events of one account at most once in this time. An event that comes just
/// after a question waits for so long, and is to be seen in a page within a second all the same.
const CONFIRMATION_INTERVAL: SignedDuration = SignedDuration::from_millis(250);

/// From what Mono tells of a link first until its code was exchanged.
const LONGEST_LINKING: SignedDuration = SignedDuration::from_hours(1);

/// From the beginning of a second to its end, as finely as Mono tells the time.
const REST_OF_A_SECOND: SignedDuration = SignedDuration::from_millis(999);

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
        let at = time_of(event.timestamp, received_at);
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
            Kind::AccountUpdated { account, .. } => {
                let id = view::account_id(account)?;
                let told = |record: &AccountRecord| self.told_by_update(event, record, received_at);
                match self.take_facts(&id, received_at, told).await? {
                    Taken::Done => self.take_end_of_update(event, id, at, received_at).await,
                    later => Ok(later),
                }
            }
            Kind::AccountReauthorised { account } => {
                self.take_fact(
                    &view::account_id(account)?,
                    Fact::Reauthorised,
                    at,
                    received_at,
                )
                .await
            }
            Kind::ReauthorisationRequired { account } => {
                self.take_fact(
                    &view::account_id(account)?,
                    Fact::ReauthorisationRequired(Cause::Event),
                    at,
                    received_at,
                )
                .await
            }
            Kind::SyncFailed { account } => {
                self.take_fact(
                    &view::account_id(account)?,
                    Fact::Synced(SyncResult::Failed),
                    at,
                    received_at,
                )
                .await
            }
            Kind::AccountIncome { account, found } => {
                let id = view::account_id(account)?;
                if let Some(found) = found {
                    // Before it is known that the analysis is over, so that who reads then has it.
                    self.take_income(&id, told::income(found, at)).await?;
                }
                self.take_fact(&id, Fact::IncomeAnalysed, at, received_at)
                    .await
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
                let heard = Heard {
                    name: name.clone(),
                    status: status.as_str().into(),
                    reauth_required: *reauth_required,
                    ..Heard::of(view::job_id(job)?, at)
                };
                let account = account.as_ref().map(view::account_id).transpose()?;
                self.take_job(heard, account, received_at).await
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
        self.take_fact(id, fact, at, received_at).await
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

    async fn take_fact(
        &self,
        id: &AccountId,
        fact: Fact,
        at: Timestamp,
        received_at: Timestamp,
    ) -> Result<Taken, Error> {
        let told = |record: &AccountRecord| Told {
            facts: vec![(fact, counted_from(at, record, received_at))],
            ..Told::default()
        };
        self.take_facts(id, received_at, told).await
    }

    /// Applies what an event tells of the account as it is known.
    async fn take_facts<'a>(
        &self,
        id: &AccountId,
        received_at: Timestamp,
        tell: impl FnOnce(&AccountRecord) -> Told<'a> + Send,
    ) -> Result<Taken, Error> {
        let _turn = self.turn(&self.inner.facts, id).await?;
        let Some(mut record) = self.store().find_any_account(id).await? else {
            return Ok(Taken::WaitsFor(WaitsFor::Account(id.clone())));
        };
        let told = tell(&record);
        if told.facts.iter().any(|(fact, _)| may_change_data(fact)) {
            // Confirmed or not: what was read before it may be true no more.
            self.forget_cached(id);
        }
        if !self.settings().confirm_events {
            self.observe(record, &told.facts, told.profile).await?;
            return Ok(Taken::Done);
        }
        let (mut open, certain): (Vec<_>, Vec<_>) =
            told.facts.into_iter().partition(|(fact, _)| {
                is_good_news(fact) || told.has_no_time && matches!(fact, Fact::Data { .. })
            });
        // Bad news waits for nobody.
        if !certain.is_empty() {
            record = self.observe(record, &certain, None).await?;
        }
        if open.is_empty() {
            return Ok(Taken::Done);
        }
        record = match self.confirm(record, received_at).await? {
            Some(record) => record,
            None => return Ok(Taken::Later(CONFIRMATION_INTERVAL)),
        };
        let by_data = open
            .iter()
            .any(|(fact, _)| matches!(fact, Fact::Data { .. }));
        open.retain(|(fact, _)| is_borne_out(fact, by_data, &record, received_at));
        self.observe(record, &open, None).await?;
        Ok(Taken::Done)
    }

    /// Keeps what an event told of an income. Of an account that is not known yet the event waits.
    async fn take_income(&self, id: &AccountId, income: ToldIncome) -> Result<(), Error> {
        let _turn = self.turn(&self.inner.facts, id).await?;
        if let Some(record) = self.store().find_any_account(id).await? {
            self.keep_told_income(record, income).await?;
        }
        Ok(())
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
#[derive(Default)]
struct Told<'a> {
    /// Each with the time at which it was true.
    facts: Vec<(Fact, Timestamp)>,
    /// Whether the event does not say when that was, so that Mono is asked how far the data is now.
    has_no_time: bool,
    /// What the account is, as far as the event says, and when it was so.
    profile: Option<(&'a mono_client::webhook::Profile, Timestamp)>,
}

/// When something was true of which Mono says when it was. A whole second may be any moment of it:
/// the last one, so that it is not taken for older than what we learnt in the same second. A clock
/// ahead of ours must not keep what we learn next from counting.
fn time_of(told: Option<Timestamp>, received_at: Timestamp) -> Timestamp {
    let Some(told) = told else {
        return received_at;
    };
    let is_whole = told.subsec_nanosecond() == 0;
    let latest = is_whole
        .then(|| told.checked_add(REST_OF_A_SECOND).ok())
        .flatten();
    latest.unwrap_or(told).min(received_at)
}

/// Whether an event of this time can be about the account as it was linked here. From long before,
/// Mono's samples are, and they say nothing of when it happened.
fn is_of_this_link(at: Timestamp, record: &AccountRecord) -> bool {
    record.linked_at.duration_since(at) <= LONGEST_LINKING
}

/// From when it counts what an event of this time tells of an account.
pub(super) fn counted_from(
    at: Timestamp,
    record: &AccountRecord,
    received_at: Timestamp,
) -> Timestamp {
    if is_of_this_link(at, record) {
        at
    } else {
        received_at
    }
}

/// What would make a page show fresh data, or a login that succeeded.
fn is_good_news(fact: &Fact) -> bool {
    match fact {
        Fact::Data { status, .. } => status.is_available(),
        Fact::Synced(outcome) => *outcome == SyncResult::Synced,
        Fact::Reauthorised | Fact::Fetched => true,
        Fact::Connected
        | Fact::AttemptConfirmed
        | Fact::ReauthorisationRequired(_)
        | Fact::IncomeAnalysed
        | Fact::Unlinked => false,
    }
}

/// Whether an account's data may be another than before.
fn may_change_data(fact: &Fact) -> bool {
    matches!(fact, Fact::Data { .. } | Fact::IncomeAnalysed) || is_good_news(fact)
}

/// Whether a fact counts now that Mono was asked about the account; `by_data` when it is told
/// together with data.
fn is_borne_out(
    fact: &Fact,
    by_data: bool,
    record: &AccountRecord,
    received_at: Timestamp,
) -> bool {
    let data = record.state.as_linked().map(|linked| &linked.data);
    match fact {
        // Mono has said itself how far its data is, or nothing; then bad news is all there is.
        Fact::Data { status, .. } => {
            let is_answered = data.is_some_and(|data| data.at >= Some(received_at));
            !status.is_available() && !is_answered
        }
        // It is the data that proves the login.
        Fact::Fetched | Fact::Reauthorised if by_data => {
            data.is_some_and(|data| data.status.is_available())
        }
        _ => true,
    }
}
