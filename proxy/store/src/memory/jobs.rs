//! Jobs in memory.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::JobId;
use mono_connect_shared::transaction::JobStatus;

use super::{MemoryStore, Tables};
use crate::Error;
use crate::changes::Changed;
use crate::jobs::{JobRecord, JobStore};

#[async_trait]
impl JobStore for MemoryStore {
    async fn record_job(&self, job: &JobRecord) -> Result<bool, Error> {
        let mut tables = self.tables();
        let owner = tables.accounts.get(&job.account).map(|owner| &owner.user);
        let changed = owner == Some(&job.user) && tables.merge_job(job);
        tables.wake_events_of_job(&job.id, job.updated_at);
        if changed {
            let what = Changed::Job(job.id.clone());
            tables.add_change(&job.user, &job.account, what, job.updated_at);
        }
        Ok(changed)
    }

    async fn find_job(&self, id: &JobId) -> Result<Option<JobRecord>, Error> {
        Ok(self.tables().jobs.get(id).cloned())
    }

    async fn claim_due_jobs(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<JobRecord>, Error> {
        let mut tables = self.tables();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut due: Vec<_> = tables
            .next_job_checks
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(id, at)| (*at, id.clone()))
            .collect();
        due.sort();
        due.truncate(limit);
        for (_, id) in &due {
            tables.next_job_checks.insert(id.clone(), until);
        }
        Ok(due
            .iter()
            .filter_map(|(_, id)| tables.jobs.get(id).cloned())
            .collect())
    }

    async fn settle_job(&self, id: &JobId) -> Result<(), Error> {
        let mut tables = self.tables();
        let finished = tables.jobs.get(id).map(|job| &job.status) == Some(&JobStatus::Finished);
        if finished {
            tables.next_job_checks.remove(id);
        }
        Ok(())
    }

    async fn put_off_job(&self, id: &JobId, until: Timestamp) -> Result<(), Error> {
        if let Some(at) = self.tables().next_job_checks.get_mut(id) {
            *at = until;
        }
        Ok(())
    }

    async fn count_running_jobs(&self) -> Result<u64, Error> {
        let tables = self.tables();
        let running = tables.jobs.values().filter(|job| !job.has_ended());
        Ok(running.count() as u64)
    }
}

impl Tables {
    fn merge_job(&mut self, job: &JobRecord) -> bool {
        let merged = match self.jobs.get(&job.id) {
            None => job.clone(),
            Some(known) => match merge(known, job) {
                Some(merged) => merged,
                None => return false,
            },
        };
        match &merged.status {
            JobStatus::Failed => {
                self.next_job_checks.remove(&job.id);
            }
            JobStatus::Finished => {
                self.next_job_checks.insert(job.id.clone(), job.updated_at);
            }
            _ => {
                let next_check = self.next_job_checks.entry(job.id.clone());
                next_check.or_insert(job.updated_at);
            }
        }
        self.jobs.insert(job.id.clone(), merged);
        true
    }
}

/// What is known of a job, and what is new about it; none when nothing is.
fn merge(known: &JobRecord, told: &JobRecord) -> Option<JobRecord> {
    let merged = JobRecord {
        name: told.name.clone().or_else(|| known.name.clone()),
        reauth_required: told.reauth_required.or(known.reauth_required),
        updated_at: told.updated_at,
        ..known.clone()
    };
    let says_another_end = known.assumed && told.has_ended() && !told.assumed;
    if !known.has_ended() || says_another_end {
        let merged = JobRecord {
            status: told.status.clone(),
            assumed: told.assumed,
            ..merged
        };
        let is_old = JobRecord {
            updated_at: known.updated_at,
            ..merged.clone()
        } == *known;
        return (!is_old).then_some(merged);
    }
    let wants_login = known.reauth_required.is_none() && told.reauth_required == Some(true);
    (known.status == JobStatus::Failed && wants_login).then_some(merged)
}
