//! What an account's holder earns.
//!
//! v1 answers at once. v2 analyses the transactions, which takes a while, costs money each time, and
//! is ended by an event. What was found is asked of Mono; what the event told of it helps out
//! (`told`).

pub(super) mod told;

use jiff::SignedDuration;
use mono_client::Client;
use mono_connect_shared::Timestamp;
use mono_connect_shared::config::ApiGeneration;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::income::Income;
use mono_connect_shared::lifecycle::{Command, Fact, IncomeAnalysis, State, command};
use mono_connect_store::{AccountRecord, Check};

use super::cache::Read;
use super::read::{must_be_fetched, read_failed};
use super::{Accounts, Error, view};

/// An analysis is over by then. If no event has said so, it may have got lost.
const USUAL: SignedDuration = SignedDuration::from_mins(5);

/// How often Mono is asked whether an analysis is over whose event is late, at most.
const CHECK_INTERVAL: SignedDuration = SignedDuration::from_mins(1);

impl Accounts {
    /// The account's income. In v2 the first call has Mono analyse it, and those that follow wait
    /// for its end.
    pub async fn income(&self, user: &UserId, id: &AccountId) -> Result<Income, Error> {
        match self.settings().generation {
            ApiGeneration::V1 => {
                let ask = async |mono: Client, id| mono.income(&id).await;
                let told = self.read(user, id, Read::Income, ask).await?;
                Ok(view::income(told.data, &told.record))
            }
            ApiGeneration::V2 => {
                let (accounts, user, id) = (self.clone(), user.clone(), id.clone());
                self.to_the_end(async move { accounts.analysed_income(&user, &id).await })
                    .await
            }
        }
    }

    async fn analysed_income(&self, user: &UserId, id: &AccountId) -> Result<Income, Error> {
        let record = self.find_ready(user, id).await?;
        // Without transactions there is nothing to analyse.
        must_be_fetched(&record)?;
        let analysis = analysis(&record);
        if analysis.is_over() {
            let by_event = record.profile.income.clone();
            let ask = async move |mono: Client, id| {
                told::best_of(mono.income_records(&id).await, by_event)
            };
            let told = self.ask(record, Read::Income, ask).await?;
            return Ok(view::income(told.data, &told.record));
        }
        if analysis.is_running_since(self.now(), USUAL) {
            return self.look_for_an_end(record).await;
        }
        self.start_analysis(record).await
    }

    /// Mono has said nothing for longer than usual: what an analysis found tells that it is over.
    async fn look_for_an_end(&self, record: AccountRecord) -> Result<Income, Error> {
        let now = self.now();
        let claimed = self
            .store()
            .claim_check(&record.id, Check::Income, now, CHECK_INTERVAL)
            .await?;
        if !claimed {
            return Ok(Income::processing());
        }
        match self
            .mono()
            .income_records(&view::mono_id(&record.id)?)
            .await
        {
            Ok(Some(found)) if !found.records.is_empty() || found.skipped > 0 => {
                let over = [(Fact::IncomeAnalysed, now)];
                let record = self.observe(record, &over, None).await?;
                Ok(view::income(found, &record))
            }
            Ok(_) | Err(mono_client::Error::NotFound | mono_client::Error::NoData) => {
                self.start_analysis(record).await
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no answer about an income"
                );
                Ok(Income::processing())
            }
        }
    }

    /// Starts an analysis, unless one may still be running. Of many callers, on any proxy, one does.
    async fn start_analysis(&self, record: AccountRecord) -> Result<Income, Error> {
        let (last, now) = (analysis(&record).started_at, self.now());
        let started = self
            .change(record, |record| {
                let state = command(record.state, Command::StartIncome, now)?;
                Ok(AccountRecord { state, ..record })
            })
            .await;
        let record = match started {
            Ok(record) => record,
            Err(Error::TooEarly { .. }) => return Ok(Income::processing()),
            Err(error) => return Err(error),
        };
        let id = view::mono_id(&record.id)?;
        if let Err(error) = self.mono().start_income_analysis(&id).await {
            if !error.may_have_been_carried_out() {
                self.take_back_start(record, now, last).await?;
            }
            return Err(read_failed(error));
        }
        Ok(Income::processing())
    }

    /// Mono refused to start it, so that the next caller may ask again.
    async fn take_back_start(
        &self,
        record: AccountRecord,
        started_at: Timestamp,
        last: Option<Timestamp>,
    ) -> Result<AccountRecord, Error> {
        self.change(record, |record| {
            let State::Linked(mut linked) = record.state else {
                return Ok(record);
            };
            if linked.income.started_at == Some(started_at) {
                linked.income.started_at = last;
            }
            Ok(AccountRecord {
                state: State::Linked(linked),
                ..record
            })
        })
        .await
    }
}

fn analysis(record: &AccountRecord) -> IncomeAnalysis {
    let linked = record.state.as_linked();
    linked.map_or_else(IncomeAnalysis::default, |linked| linked.income)
}
