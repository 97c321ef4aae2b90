//! Jobs in PostgreSQL.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::JobId;

use super::PostgresStore;
use super::inbox::wake_events_of_job;
use super::text::{from_column, to_column};
use crate::Error;
use crate::changes::Changed;
use crate::jobs::{JobRecord, JobStore};
use crate::row::{JobRow, Row as _};
use crate::sealed::Keyring;

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
        // Mono is first asked about it when it is claimed; at once, unless it has ended.
        let next_check_at = (!job.has_ended()).then(|| job.updated_at.as_millisecond());
        let written = sqlx::query(
            "insert into jobs
               (id, account_id, user_id, name, status, reauth_required, started_at, updated_at,
                next_check_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (id) do update set
               name = coalesce(excluded.name, jobs.name),
               status = excluded.status,
               reauth_required = coalesce(excluded.reauth_required, jobs.reauth_required),
               updated_at = excluded.updated_at,
               next_check_at =
                 case when excluded.next_check_at is not null then jobs.next_check_at end
             where jobs.status not in ('finished', 'failed')
               and (jobs.status, jobs.name, jobs.reauth_required)
                 is distinct from
                   (excluded.status, coalesce(excluded.name, jobs.name),
                    coalesce(excluded.reauth_required, jobs.reauth_required))",
        )
        .bind(job.id.as_str())
        .bind(job.account.as_str())
        .bind(job.user.as_str())
        .bind(job.name.as_deref().map(to_column))
        .bind(to_column(job.status.as_str()))
        .bind(job.reauth_required)
        .bind(job.started_at.as_millisecond())
        .bind(job.updated_at.as_millisecond())
        .bind(next_check_at)
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

    async fn claim_running_jobs(
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
        let count: i64 =
            sqlx::query_scalar("select count(*) from jobs where next_check_at is not null")
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
