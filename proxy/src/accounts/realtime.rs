//! Reading from the bank in real time: one session per account in five minutes, shared by all who
//! ask (seed 002).

use mono_client::{JobRef, Realtime, TransactionPage};
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::SyncResult;
use mono_connect_shared::config::ApiGeneration;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::lifecycle::{Command, Fact, Running, State, command};
use mono_connect_shared::transaction::{Freshness, JobReference, Source};
use mono_connect_store::AccountRecord;

use super::cache::{Asked, Read};
use super::jobs::Heard;
use super::read::{Fetched, TransactionsRequest, read_failed};
use super::{Accounts, Error, view};

/// What a real-time read asks for.
#[derive(Debug, Clone)]
pub(super) enum Ask {
    /// The balance.
    Balance,
    /// Some transactions.
    Transactions(TransactionsRequest),
}

/// What it brought.
#[derive(Debug)]
pub(super) enum Brought {
    /// The balance.
    Balance(Option<mono_client::Balance>),
    /// Some transactions.
    Transactions(Option<TransactionPage>),
}

/// How a real-time read went.
#[derive(Debug)]
pub(super) struct RealtimeRead {
    /// What came with it. None when no session was started: then the plain read tells what is there.
    pub(super) brought: Option<Brought>,
    /// Where the answer comes from, job included.
    pub(super) freshness: Freshness,
}

impl Accounts {
    /// Starts a real-time session if the budget allows it, else tells about the last one.
    pub(super) async fn read_in_real_time(
        &self,
        user: &UserId,
        id: &AccountId,
        ask: Ask,
    ) -> Result<RealtimeRead, Error> {
        if self.settings().generation == ApiGeneration::V1 {
            return Err(Error::NotSupported("Mono's v1 API has no real-time reads."));
        }
        let (accounts, user, id) = (self.clone(), user.clone(), id.clone());
        self.to_the_end(async move {
            // Who comes second waits for the first one's job.
            let _start = accounts.turn(&accounts.inner.realtime, &id).await?;
            let _start_anywhere = accounts.hold(&format!("realtime {id}")).await?;
            let record = accounts.find(&user, &id).await?;
            let last = record
                .state
                .as_linked()
                .and_then(|linked| linked.realtime.clone());
            match accounts.start_realtime(record).await {
                Ok(record) => accounts.ask_in_real_time(record, last, ask).await,
                Err(Error::TooEarly { .. }) => accounts.last_job(last).await,
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn start_realtime(&self, record: AccountRecord) -> Result<AccountRecord, Error> {
        let now = self.now();
        self.change(record, |record| {
            let state = command(record.state, Command::StartRealtime, now)?;
            Ok(AccountRecord { state, ..record })
        })
        .await
    }

    async fn ask_in_real_time(
        &self,
        record: AccountRecord,
        last: Option<Running>,
        ask: Ask,
    ) -> Result<RealtimeRead, Error> {
        let as_of = self.now();
        let id = view::mono_id(&record.id)?;
        let asked = self.asking(&record.id);
        let answer = match &ask {
            Ask::Balance => self.mono().realtime_balance(&id).await.map(|answer| {
                let brought = Brought::Balance(answer.data);
                Realtime {
                    data: Some(brought),
                    has_new_data: answer.has_new_data,
                    job: answer.job,
                }
            }),
            Ask::Transactions(request) => self
                .mono()
                .realtime_transactions(&id, &request.query())
                .await
                .map(|answer| {
                    let brought = Brought::Transactions(answer.data);
                    Realtime {
                        data: Some(brought),
                        has_new_data: answer.has_new_data,
                        job: answer.job,
                    }
                }),
        };
        match answer {
            Ok(answer) => {
                keep(asked, &record, ask, answer.data.as_ref(), as_of);
                let job = self.note_job(&record, answer.job).await?;
                let freshness = Freshness {
                    source: Source::Mono,
                    as_of,
                    has_new_data: answer.has_new_data,
                    job,
                };
                Ok(RealtimeRead {
                    brought: answer.data,
                    freshness,
                })
            }
            Err(error) => {
                if error.may_have_been_carried_out() {
                    // Nobody knows its job, so nobody will tell its end.
                    let ended_at = Some(self.now());
                    let running = Running {
                        started_at: as_of,
                        job: None,
                        ended_at,
                    };
                    let record = self.set_job(record, &running).await?;
                    let failed = (Fact::Synced(SyncResult::Failed), self.now());
                    self.observe(record, &[failed], None).await?;
                } else {
                    // Nothing was started, so nothing of the budget is used up.
                    self.set_realtime(record, last).await?;
                }
                Err(read_failed(error))
            }
        }
    }

    /// Keeps the job that an answer named, for the account and for those who watch.
    async fn note_job(
        &self,
        record: &AccountRecord,
        job: Option<JobRef>,
    ) -> Result<Option<JobReference>, Error> {
        let now = self.now();
        let running = Running {
            started_at: now,
            job: None,
            ended_at: Some(now),
        };
        let Some(job) = job else {
            self.set_job(record.clone(), &running).await?;
            return Ok(None);
        };
        let id = view::job_id(&job.id)?;
        let status = mono_connect_shared::transaction::JobStatus::from(job.status.as_str());
        let heard = Heard {
            status: status.clone(),
            ..Heard::of(id.clone(), now)
        };
        // First the job: whoever dies in between has left it to those who watch jobs.
        self.keep_job(record, heard).await?;
        let running = Running {
            job: Some(id.clone()),
            ended_at: status.has_ended().then_some(now),
            ..running
        };
        self.set_job(record.clone(), &running).await?;
        Ok(Some(JobReference { id, status }))
    }

    /// Sets job and end, and leaves the start, which the budget counts from.
    async fn set_job(
        &self,
        record: AccountRecord,
        running: &Running,
    ) -> Result<AccountRecord, Error> {
        self.change(record, |record| {
            let State::Linked(mut linked) = record.state else {
                return Ok(record);
            };
            if let Some(realtime) = &mut linked.realtime {
                realtime.job.clone_from(&running.job);
                // Its end may have been told meanwhile.
                realtime.ended_at = running.ended_at.or(realtime.ended_at);
            }
            Ok(AccountRecord {
                state: State::Linked(linked),
                ..record
            })
        })
        .await
    }

    async fn set_realtime(
        &self,
        record: AccountRecord,
        running: Option<Running>,
    ) -> Result<AccountRecord, Error> {
        self.change(record, |record| {
            let State::Linked(mut linked) = record.state else {
                return Ok(record);
            };
            linked.realtime.clone_from(&running);
            Ok(AccountRecord {
                state: State::Linked(linked),
                ..record
            })
        })
        .await
    }

    async fn last_job(&self, last: Option<Running>) -> Result<RealtimeRead, Error> {
        let job = match last.and_then(|running| running.job) {
            Some(id) => self.store().find_job(&id).await?,
            None => None,
        };
        let freshness = Freshness {
            source: Source::Mono,
            as_of: self.now(),
            has_new_data: None,
            job: job.map(|job| JobReference {
                id: job.id,
                status: job.status,
            }),
        };
        Ok(RealtimeRead {
            brought: None,
            freshness,
        })
    }
}

/// What came is the answer to the same read from now on. It may be newer than what was read before,
/// also where it holds nothing.
fn keep(
    asked: Asked,
    record: &AccountRecord,
    ask: Ask,
    brought: Option<&Brought>,
    as_of: Timestamp,
) {
    let fetched = Fetched::of(record);
    match (ask, brought) {
        (Ask::Balance, Some(Brought::Balance(balance))) => {
            let balance = balance.clone().filter(|it| fetched.vouches_for(it));
            asked.brought(balance.map(|it| (Read::Balance, it)), as_of);
        }
        (Ask::Transactions(request), Some(Brought::Transactions(page))) => {
            let page = page.clone().filter(|page| fetched.vouches_for(page));
            asked.brought(page.map(|it| (Read::Transactions(request), it)), as_of);
        }
        _ => asked.brought(None::<(Read, mono_client::Balance)>, as_of),
    }
}
