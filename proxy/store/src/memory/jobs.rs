//! Jobs in memory.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::JobId;

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

    async fn claim_running_jobs(
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

    async fn put_off_job(&self, id: &JobId, until: Timestamp) -> Result<(), Error> {
        if let Some(at) = self.tables().next_job_checks.get_mut(id) {
            *at = until;
        }
        Ok(())
    }

    async fn count_running_jobs(&self) -> Result<u64, Error> {
        Ok(self.tables().next_job_checks.len() as u64)
    }
}

impl Tables {
    fn merge_job(&mut self, job: &JobRecord) -> bool {
        let merged = match self.jobs.get(&job.id) {
            None => {
                self.next_job_checks.insert(job.id.clone(), job.updated_at);
                job.clone()
            }
            Some(known) if known.has_ended() => return false,
            Some(known) => {
                let merged = JobRecord {
                    name: job.name.clone().or_else(|| known.name.clone()),
                    status: job.status.clone(),
                    reauth_required: job.reauth_required.or(known.reauth_required),
                    updated_at: known.updated_at,
                    ..known.clone()
                };
                if merged == *known {
                    return false;
                }
                JobRecord {
                    updated_at: job.updated_at,
                    ..merged
                }
            }
        };
        if merged.has_ended() {
            self.next_job_checks.remove(&job.id);
        }
        self.jobs.insert(job.id.clone(), merged);
        true
    }
}
