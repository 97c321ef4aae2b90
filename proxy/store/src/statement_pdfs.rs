//! Which statement PDFs were started for which account.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, JobId};

use crate::Error;

/// Keeps whose each PDF is, so that nobody else may ask about it. It goes with its account.
#[async_trait]
pub trait StatementPdfStore: Send + Sync + 'static {
    /// Keeps that a PDF was started for an account; nothing where the account is gone.
    async fn keep_statement_pdf(
        &self,
        account: &AccountId,
        job: &JobId,
        started_at: Timestamp,
    ) -> Result<(), Error>;

    /// Whether this PDF was started for this account.
    async fn is_statement_pdf_of(&self, account: &AccountId, job: &JobId) -> Result<bool, Error>;
}
