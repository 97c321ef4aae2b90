//! Statement PDFs in PostgreSQL.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId};

use super::PostgresStore;
use crate::Error;
use crate::statement_pdfs::StatementPdfStore;

#[async_trait]
impl StatementPdfStore for PostgresStore {
    async fn keep_statement_pdf(
        &self,
        account: &AccountId,
        job: &JobId,
        started_at: Timestamp,
    ) -> Result<(), Error> {
        // Locked, so that the account cannot go in between.
        sqlx::query(
            "insert into statement_pdfs (account_id, job_id, started_at)
             select id, $1, $2 from accounts where id = $3 for key share
             on conflict (account_id, job_id) do nothing",
        )
        .bind(job.as_str())
        .bind(started_at.as_millisecond())
        .bind(account.as_str())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn is_statement_pdf_of(&self, account: &AccountId, job: &JobId) -> Result<bool, Error> {
        let known = sqlx::query_scalar(
            "select exists (
               select 1 from statement_pdfs where account_id = $1 and job_id = $2
             )",
        )
        .bind(account.as_str())
        .bind(job.as_str())
        .fetch_one(&self.pool)
        .await?;
        Ok(known)
    }
}
