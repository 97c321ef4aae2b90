//! What `account_updated` tells: data, how a sync ended, and of which job.

use mono_client::webhook::{Kind, SyncStatus, WebhookEvent};
use mono_connect_shared::Timestamp;
use mono_connect_shared::account::{DataStatus, SyncResult};
use mono_connect_shared::config::ApiGeneration;
use mono_connect_shared::id::AccountId;
use mono_connect_shared::lifecycle::Fact;
use mono_connect_shared::transaction::JobStatus;
use mono_connect_store::AccountRecord;

use super::{Taken, Told, is_good_news, is_of_this_link, time_of};
use crate::accounts::jobs::Heard;
use crate::accounts::{Accounts, Error, view};

impl Accounts {
    /// What the event tells of an account.
    pub(super) fn told_by_update<'a>(
        &self,
        event: &'a WebhookEvent,
        record: &AccountRecord,
        received_at: Timestamp,
    ) -> Told<'a> {
        let Kind::AccountUpdated {
            details,
            data_status,
            retrieved_data,
            sync_status,
            updated_at,
            ..
        } = &event.kind
        else {
            return Told::default();
        };
        let timestamp = event.timestamp;
        let timestamp = timestamp.filter(|timestamp| is_of_this_link(*timestamp, record));
        let at = time_of(timestamp, received_at);
        // The account's own time is that of its data; a sync that failed leaves it. One from before
        // the link says nothing: Mono's samples carry such.
        let updated_at = updated_at.filter(|updated_at| *updated_at >= record.linked_at);
        let data_at = time_of(timestamp.or(updated_at), received_at);
        let mut told = Told {
            has_no_time: timestamp.is_none(),
            ..Told::default()
        };
        let data_status = data_status
            .as_ref()
            .map(|status| DataStatus::from(status.as_str()))
            .filter(|status| !brought_nothing(sync_status.as_ref(), status, record));
        if let Some(status) = data_status {
            if status.is_available() && sync_status.is_none() {
                if self.settings().generation == ApiGeneration::V1 {
                    // There it is sent only when the bank let Mono in (seed 000).
                    told.facts.push((Fact::Reauthorised, data_at));
                }
                told.facts.push((Fact::Fetched, at));
            }
            let data = Fact::Data {
                status,
                retrieved: retrieved_data.clone().unwrap_or_default(),
            };
            told.facts.push((data, data_at));
        }
        if let Some(status) = sync_status {
            told.facts.push((synced(status), at));
        }
        let is_good = told.facts.iter().any(|(fact, _)| is_good_news(fact));
        told.profile = is_good.then_some((details.as_ref(), data_at));
        told
    }

    /// How the job ended that the event names, if it names one. Its own event may be lost, and does
    /// not say that a login is wanted.
    pub(super) async fn take_end_of_update(
        &self,
        event: &WebhookEvent,
        account: AccountId,
        at: Timestamp,
        received_at: Timestamp,
    ) -> Result<Taken, Error> {
        let Kind::AccountUpdated {
            job: Some(job),
            sync_status: Some(status),
            ..
        } = &event.kind
        else {
            return Ok(Taken::Done);
        };
        let (status, reauth_required) = match status {
            SyncStatus::Successful => (JobStatus::Finished, None),
            SyncStatus::Failed => (JobStatus::Failed, None),
            SyncStatus::ReauthorisationRequired => (JobStatus::Failed, Some(true)),
            SyncStatus::Other(_) => return Ok(Taken::Done),
        };
        let heard = Heard {
            name: None,
            status,
            reauth_required,
            ..Heard::of(view::job_id(job)?, at)
        };
        self.take_job(heard, Some(account), received_at).await
    }
}

/// Whether a sync that did not succeed says of the data only what is known: then the data is as old
/// as it was, and does not become newer by being told again.
fn brought_nothing(
    sync_status: Option<&SyncStatus>,
    status: &DataStatus,
    record: &AccountRecord,
) -> bool {
    let data = record.state.as_linked().map(|linked| &linked.data);
    sync_status.is_some_and(|sync| *sync != SyncStatus::Successful)
        && status.is_available()
        && data.is_some_and(|data| data.at.is_some() && data.status == *status)
}

fn synced(status: &SyncStatus) -> Fact {
    Fact::Synced(match status {
        SyncStatus::Successful => SyncResult::Synced,
        SyncStatus::Failed => SyncResult::Failed,
        SyncStatus::ReauthorisationRequired => SyncResult::ReauthorisationRequired,
        SyncStatus::Other(word) => SyncResult::from(word.as_str()),
    })
}
