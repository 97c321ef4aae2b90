//! Statement PDFs in SQLite.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId};

use super::SqliteStore;
use crate::Error;
use crate::statement_pdfs::StatementPdfStore;

#[async_trait]
impl StatementPdfStore for SqliteStore {
    async fn keep_statement_pdf(
        &self,
        account: &AccountId,
        job: &JobId,
        started_at: Timestamp,
    ) -> Result<(), Error> {
        sqlx::query(
            "insert into statement_pdfs (account_id, job_id, started_at)
             select id, ?, ? from accounts where id = ?
             on conflict (account_id, job_id) do nothing",
        )
        .bind(job.as_str())
        .bind(started_at.as_millisecond())
        .bind(account.as_str())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn is_statement_pdf_of(&self, account: &AccountId, job: &JobId) -> Result<bool, Error> {
        let known = sqlx::query("select 1 from statement_pdfs where account_id = ? and job_id = ?")
            .bind(account.as_str())
            .bind(job.as_str())
            .fetch_optional(&self.reader)
            .await?;
        Ok(known.is_some())
    }
}
