//! Jobs in PostgreSQL.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::JobId;
use mono_connect_shared::transaction::JobStatus;

use super::PostgresStore;
use super::inbox::wake_events_of_job;
use super::text::{from_column, to_column};
use crate::Error;
use crate::changes::Changed;
use crate::jobs::{JobRecord, JobStore};
use crate::row::{JobRow, Row as _};
use crate::sealed::Keyring;

/// What has ended keeps its status, unless its end was assumed and Mono tells another.
const RECORD: &str = "
    insert into jobs
      (id, account_id, user_id, name, status, reauth_required, started_at, updated_at,
       next_check_at, assumed)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
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
          (jobs.status, jobs.name, jobs.reauth_required)
            is distinct from
              (excluded.status, coalesce(excluded.name, jobs.name),
               coalesce(excluded.reauth_required, jobs.reauth_required))
        when jobs.assumed and excluded.status in ('finished', 'failed') then not excluded.assumed
        else jobs.status = 'failed' and jobs.reauth_required is null
          and coalesce(excluded.reauth_required, false)
      end";

#[async_trait]
impl JobStore for PostgresStore {
    async fn record_job(&self, job: &JobRecord) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        // Held to the end, so that the job cannot outlive its account.
        let account: Option<i32> = sqlx::query_scalar(
            "select 1 from accounts where id = $1 and user_id = $2 for key share",
        )
        .bind(job.account.as_str())
        .bind(job.user.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
        if account.is_none() {
            transaction.rollback().await?;
            return Ok(false);
        }
        // At once, unless nothing is left to do.
        let next_check_at =
            (job.status != JobStatus::Failed).then(|| job.updated_at.as_millisecond());
        let written = sqlx::query(RECORD)
            .bind(job.id.as_str())
            .bind(job.account.as_str())
            .bind(job.user.as_str())
            .bind(job.name.as_deref().map(to_column))
            .bind(to_column(job.status.as_str()))
            .bind(job.reauth_required)
            .bind(job.started_at.as_millisecond())
            .bind(job.updated_at.as_millisecond())
            .bind(next_check_at)
            .bind(job.assumed)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        wake_events_of_job(&mut transaction, &job.id, job.updated_at).await?;
        if written == 0 {
            transaction.commit().await?;
            return Ok(false);
        }
        let what = Changed::Job(job.id.clone());
        let (user, account, at) = (&job.user, &job.account, job.updated_at);
        self.commit_with_change(transaction, user, account, &what, at)
            .await?;
        Ok(true)
    }

    async fn find_job(&self, id: &JobId) -> Result<Option<JobRecord>, Error> {
        let row: Option<JobRow> = sqlx::query_as("select * from jobs where id = $1")
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| read(&self.keyring, row)).transpose()
    }

    async fn claim_due_jobs(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<JobRecord>, Error> {
        let rows: Vec<JobRow> = sqlx::query_as(
            "with due as materialized (
               select id from jobs where next_check_at <= $2
               order by next_check_at limit $3 for update skip locked
             )
             update jobs set next_check_at = $1 from due where jobs.id = due.id
             returning jobs.*",
        )
        .bind(until.as_millisecond())
        .bind(now.as_millisecond())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| read(&self.keyring, row))
            .collect()
    }

    async fn settle_job(&self, id: &JobId) -> Result<(), Error> {
        sqlx::query("update jobs set next_check_at = null where id = $1 and status = 'finished'")
            .bind(id.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn put_off_job(&self, id: &JobId, until: Timestamp) -> Result<(), Error> {
        sqlx::query(
            "update jobs set next_check_at = $1 where id = $2 and next_check_at is not null",
        )
        .bind(until.as_millisecond())
        .bind(id.as_str())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn count_running_jobs(&self) -> Result<u64, Error> {
        let count: i64 = sqlx::query_scalar(
            "select count(*) from jobs
                 where next_check_at is not null and status not in ('finished', 'failed')",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(count.unsigned_abs())
    }
}

fn read(keyring: &Keyring, row: JobRow) -> Result<JobRecord, Error> {
    let job = row.read(keyring)?;
    Ok(JobRecord {
        name: job.name.map(|name| from_column(&name).into_owned()),
        status: from_column(job.status.as_str()).as_ref().into(),
        ..job
    })
}
