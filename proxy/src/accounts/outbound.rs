//! What the site's own back end is told of its users' accounts.
//!
//! Written by the same write as what it tells, so that neither is without the other.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::{Account, SyncResult};
use mono_connect_shared::lifecycle::Linked;
use mono_connect_shared::outbound::{DeadLetter, DeadLettersPage, OutboundType};
use mono_connect_store::{AccountRecord, NewMessage, Nudge, OutboxMessage};

use super::{Accounts, Error, view};
use crate::random;

/// Mono fetches every account once a day. Of one that has brought nothing for so long, somebody
/// should know.
const STALE: SignedDuration = SignedDuration::from_hours(72);

/// Accounts looked at in one call.
const AT_ONCE: u32 = 100;

impl Accounts {
    /// What is told of a change; nothing where nobody is told anything.
    pub(super) fn messages_of(
        &self,
        before: &AccountRecord,
        after: &AccountRecord,
    ) -> Result<Vec<NewMessage>, Error> {
        if !self.settings().tells_back_end {
            return Ok(Vec::new());
        }
        let message = |kind| self.message(kind, after);
        let messages = told_of(before, after).into_iter().filter_map(message);
        Ok(messages.collect::<Result<_, _>>()?)
    }

    /// What is told of a new account.
    pub(super) fn message_of_new(
        &self,
        account: &AccountRecord,
    ) -> Result<Option<NewMessage>, Error> {
        if !self.settings().tells_back_end {
            return Ok(None);
        }
        Ok(self.message(OutboundType::Linked, account).transpose()?)
    }

    /// What is told of an account that is about to be erased: which, and nothing personal.
    pub(super) fn message_of_end(
        &self,
        account: &AccountRecord,
    ) -> Result<Option<NewMessage>, Error> {
        if !self.settings().tells_back_end {
            return Ok(None);
        }
        let mut last = self.message(OutboundType::Unlinked, account).transpose()?;
        if let Some(last) = &mut last {
            view::strip(&mut last.account, last.at);
        }
        Ok(last)
    }

    fn message(
        &self,
        kind: OutboundType,
        record: &AccountRecord,
    ) -> Option<Result<NewMessage, random::NoRandomness>> {
        let at = self.now();
        let account = view::account(record.clone(), at)?;
        let id = random::name(self.inner.parts.random.as_ref(), "evt_");
        Some(id.map(|id| NewMessage {
            id,
            kind,
            at,
            user: record.user.clone(),
            account,
        }))
    }

    /// There is something to deliver.
    pub(super) fn post(&self) {
        self.inner.posted.notify_one();
    }

    /// Tells when there is something to deliver.
    pub fn posted(&self) -> std::sync::Arc<tokio::sync::Notify> {
        std::sync::Arc::clone(&self.inner.posted)
    }

    /// Writes a reminder for each account whose user must log in again, unless one was written
    /// since then. How many there were.
    pub async fn remind(&self, since: Timestamp) -> Result<usize, Error> {
        self.nudge(
            Nudge::Reminder { since },
            OutboundType::ReauthorisationReminder,
        )
        .await
    }

    /// Tells of each account that has brought nothing for days, once. How many there were.
    pub async fn tell_stale(&self) -> Result<usize, Error> {
        let since = self.now().checked_sub(STALE).unwrap_or(Timestamp::MIN);
        self.nudge(Nudge::Stale { since }, OutboundType::Stale)
            .await
    }

    async fn nudge(&self, about: Nudge, kind: OutboundType) -> Result<usize, Error> {
        let mut told = 0;
        for record in self.store().accounts_to_tell(about, AT_ONCE).await? {
            if let Some(message) = self.message(kind, &record).transpose()?
                && self.store().nudge(about, &message).await?
            {
                told += 1;
            }
        }
        if told > 0 {
            self.post();
        }
        Ok(told)
    }

    /// What could not be delivered, after this number.
    pub async fn dead_letters(&self, after: i64, limit: u32) -> Result<DeadLettersPage, Error> {
        // One more than asked for tells whether more follow.
        let one_more = limit.saturating_add(1);
        let mut dead = self.store().dead_letters_after(after, one_more).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = dead.len() > limit;
        dead.truncate(limit);
        let last = dead.last().map(|message| message.number.to_string());
        Ok(DeadLettersPage {
            dead_letters: dead.into_iter().map(shown).collect(),
            next_cursor: last.filter(|_| more),
        })
    }

    /// A dead letter is delivered after all, if the back end takes it now.
    pub async fn resend(&self, id: &str) -> Result<(), Error> {
        if !self.store().revive_message(id, self.now()).await? {
            return Err(Error::MessageNotFound);
        }
        self.post();
        Ok(())
    }
}

/// What happened to an account, as its site's back end sees it.
fn told_of(before: &AccountRecord, after: &AccountRecord) -> Vec<OutboundType> {
    let (Some(was), Some(is)) = (before.state.as_linked(), after.state.as_linked()) else {
        return Vec::new();
    };
    let asked = |linked: &Linked| linked.authorisation.required().is_some();
    let mut told = Vec::new();
    let asks = !asked(was) && asked(is);
    if asks {
        told.push(OutboundType::ReauthorisationRequired);
    }
    if asked(was) && !asked(is) {
        told.push(OutboundType::Reauthorised);
    }
    let sync_says_no_more = asks
        && is
            .last_sync
            .as_ref()
            .is_some_and(|sync| sync.outcome == SyncResult::ReauthorisationRequired);
    let updated = before.profile != after.profile
        || before.duplicate_of != after.duplicate_of
        || (&was.data.status, &was.data.retrieved) != (&is.data.status, &is.data.retrieved)
        || was.data_as_of() != is.data_as_of()
        || was.income.finished_at != is.income.finished_at
        || was.last_sync != is.last_sync && !sync_says_no_more;
    if updated {
        told.push(OutboundType::Updated);
    }
    told
}

fn shown(message: OutboxMessage) -> DeadLetter {
    let OutboxMessage {
        message,
        attempts,
        failure,
        ..
    } = message;
    let Account { id, .. } = message.account;
    DeadLetter {
        id: message.id,
        kind: message.kind,
        timestamp: message.at,
        user_id: message.user,
        account_id: id,
        attempts,
        failure,
    }
}

#[cfg(test)]
mod tests {
    use mono_connect_shared::account::DataStatus;
    use mono_connect_shared::lifecycle::{
        Cause, Command, Fact, Observation, State, command, observe,
    };
    use mono_connect_store::Profile;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn linked() -> AccountRecord {
        AccountRecord {
            id: "a1".parse().unwrap(),
            user: "ada".parse().unwrap(),
            version: 1,
            profile: Profile::default(),
            state: State::linked(),
            reference: "mcl_1".parse().unwrap(),
            consent: None,
            duplicate_of: None,
            linked_at: at(0),
            updated_at: at(0),
        }
    }

    fn after(record: &AccountRecord, fact: &Fact, second: i64) -> AccountRecord {
        let Observation::Advanced(state) = observe(&record.state, fact, at(second)) else {
            panic!("{fact:?} changes something");
        };
        AccountRecord {
            state,
            ..record.clone()
        }
    }

    #[test]
    fn each_thing_that_happens_is_told_by_its_name() {
        use OutboundType::{ReauthorisationRequired, Reauthorised, Updated};
        let new = linked();
        let data = Fact::Data {
            status: DataStatus::Available,
            retrieved: vec!["balance".to_owned()],
        };
        let ready = after(&new, &data, 1);
        assert_eq!(told_of(&new, &ready), [Updated]);
        assert_eq!(told_of(&ready, &ready), []);
        let refreshed = after(&ready, &data, 2);
        assert_eq!(told_of(&ready, &refreshed), [Updated], "new data came");

        let asked = after(&ready, &Fact::ReauthorisationRequired(Cause::Event), 3);
        assert_eq!(told_of(&ready, &asked), [ReauthorisationRequired]);
        let refused = after(
            &ready,
            &Fact::Synced(SyncResult::ReauthorisationRequired),
            3,
        );
        assert_eq!(told_of(&ready, &refused), [ReauthorisationRequired]);
        let again = after(&asked, &Fact::ReauthorisationRequired(Cause::Job), 4);
        assert_eq!(told_of(&asked, &again), [], "it is known");

        let granted = after(&asked, &Fact::Reauthorised, 5);
        assert_eq!(told_of(&asked, &granted), [Reauthorised]);
        let synced = after(&asked, &Fact::Synced(SyncResult::Synced), 5);
        assert_eq!(told_of(&asked, &synced), [Reauthorised, Updated]);
        let failed = after(&ready, &Fact::Synced(SyncResult::Failed), 5);
        assert_eq!(told_of(&ready, &failed), [Updated]);
        let income = after(&ready, &Fact::IncomeAnalysed, 5);
        assert_eq!(told_of(&ready, &income), [Updated]);
    }

    #[test]
    fn what_we_begin_ourselves_is_not_told() {
        let ready = linked();
        for begun in [
            Command::StartSync,
            Command::StartRealtime,
            Command::Reauthorise,
        ] {
            let state = command(ready.state.clone(), begun, at(1)).unwrap();
            let running = AccountRecord {
                state,
                ..ready.clone()
            };
            assert_eq!(told_of(&ready, &running), [], "{begun:?}");
        }
    }
}
