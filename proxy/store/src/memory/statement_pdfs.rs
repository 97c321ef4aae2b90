//! Statement PDFs in memory.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId};

use super::MemoryStore;
use crate::Error;
use crate::statement_pdfs::StatementPdfStore;

#[async_trait]
impl StatementPdfStore for MemoryStore {
    async fn keep_statement_pdf(
        &self,
        account: &AccountId,
        job: &JobId,
        started_at: Timestamp,
    ) -> Result<(), Error> {
        let mut tables = self.tables();
        if tables.accounts.contains_key(account) {
            let key = (account.clone(), job.clone());
            tables.statement_pdfs.entry(key).or_insert(started_at);
        }
        Ok(())
    }

    async fn is_statement_pdf_of(&self, account: &AccountId, job: &JobId) -> Result<bool, Error> {
        let key = (account.clone(), job.clone());
        Ok(self.tables().statement_pdfs.contains_key(&key))
    }
}
