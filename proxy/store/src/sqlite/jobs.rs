//! Jobs in SQLite.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::JobId;
use mono_connect_shared::transaction::JobStatus;

use super::SqliteStore;
use super::changes::add_change;
use super::inbox::wake_events_of_job;
use crate::Error;
use crate::changes::Changed;
use crate::jobs::{JobRecord, JobStore};
use crate::row::{JobRow, Row as _, read_all};

/// What has ended keeps its status, unless its end was assumed and Mono tells another.
const RECORD: &str = "
    insert into jobs
      (id, account_id, user_id, name, status, reauth_required, started_at, updated_at,
       next_check_at, assumed)
    select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
    where exists (select 1 from accounts where id = ? and user_id = ?)
    on conflict (id) do update set
      name = coalesce(excluded.name, jobs.name),
      status = case
        when jobs.status in ('finished', 'failed')
          and not (jobs.assumed and excluded.status in ('finished', 'failed')) then jobs.status
        else excluded.status end,
      reauth_required = coalesce(excluded.reauth_required, jobs.reauth_required),
      updated_at = excluded.updated_at,
      assumed = jobs.assumed and excluded.status not in ('finished', 'failed') or excluded.assumed,
      next_check_at = case
        when excluded.status = 'finished'
          and (jobs.assumed or jobs.status not in ('finished', 'failed'))
          then excluded.next_check_at
        when jobs.status in ('finished', 'failed') or excluded.status = 'failed' then null
        else jobs.next_check_at end
    where
      case
        when jobs.status not in ('finished', 'failed') then
          jobs.status is not excluded.status
          or jobs.name is not coalesce(excluded.name, jobs.name)
          or jobs.reauth_required
            is not coalesce(excluded.reauth_required, jobs.reauth_required)
        when jobs.assumed and excluded.status in ('finished', 'failed') then not excluded.assumed
        else jobs.status = 'failed' and jobs.reauth_required is null
          and coalesce(excluded.reauth_required, false)
      end";

#[async_trait]
impl JobStore for SqliteStore {
    async fn record_job(&self, job: &JobRecord) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        // At once, unless nothing is left to do.
        let next_check_at =
            (job.status != JobStatus::Failed).then(|| job.updated_at.as_millisecond());
        let written = sqlx::query(RECORD)
            .bind(job.id.as_str())
            .bind(job.account.as_str())
            .bind(job.user.as_str())
            .bind(&job.name)
            .bind(job.status.as_str())
            .bind(job.reauth_required)
            .bind(job.started_at.as_millisecond())
            .bind(job.updated_at.as_millisecond())
            .bind(next_check_at)
            .bind(job.assumed)
            .bind(job.account.as_str())
            .bind(job.user.as_str())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        wake_events_of_job(&mut transaction, &job.id, job.updated_at).await?;
        if written > 0 {
            let what = Changed::Job(job.id.clone());
            let (user, account, at) = (&job.user, &job.account, job.updated_at);
            add_change(&mut transaction, user, account, &what, at).await?;
        }
        transaction.commit().await?;
        Ok(written > 0)
    }

    async fn find_job(&self, id: &JobId) -> Result<Option<JobRecord>, Error> {
        let row: Option<JobRow> = sqlx::query_as("select * from jobs where id = ?")
            .bind(id.as_str())
            .fetch_optional(&self.reader)
            .await?;
        row.map(|row| row.read(&self.keyring)).transpose()
    }

    async fn claim_due_jobs(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<JobRecord>, Error> {
        let rows: Vec<JobRow> = sqlx::query_as(
            "update jobs set next_check_at = ?
             where id in (
               select id from jobs where next_check_at <= ? order by next_check_at limit ?
             )
             returning *",
        )
        .bind(until.as_millisecond())
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&self.writer)
        .await?;
        read_all(&self.keyring, rows)
    }

    async fn settle_job(&self, id: &JobId) -> Result<(), Error> {
        sqlx::query("update jobs set next_check_at = null where id = ? and status = 'finished'")
            .bind(id.as_str())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn put_off_job(&self, id: &JobId, until: Timestamp) -> Result<(), Error> {
        sqlx::query("update jobs set next_check_at = ? where id = ? and next_check_at is not null")
            .bind(until.as_millisecond())
            .bind(id.as_str())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn count_running_jobs(&self) -> Result<u64, Error> {
        let count: i64 = sqlx::query_scalar(
            "select count(*) from jobs
                 where next_check_at is not null and status not in ('finished', 'failed')",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok(count.unsigned_abs())
    }
}
