//! An account's statement, as rows and as a PDF.

use mono_client::Client;
use mono_connect_shared::id::{AccountId, JobId, UserId};
use mono_connect_shared::statement::{Period, Statement, StatementPdf};

use super::cache::Read;
use super::read::read_failed;
use super::{Accounts, Error, view};

impl Accounts {
    /// The account's rows for some months.
    pub async fn statement(
        &self,
        user: &UserId,
        id: &AccountId,
        period: Period,
    ) -> Result<Statement, Error> {
        let period = view::period(period)?;
        let ask = async move |mono: Client, id| mono.statement(&id, period).await;
        let told = self.read(user, id, Read::Statement(period), ask).await?;
        let currency = told.record.profile.currency.as_deref();
        Ok(view::statement(told.data, currency, told.freshness))
    }

    /// Has Mono build the statement as a PDF. Each call begins another one.
    pub async fn start_statement_pdf(
        &self,
        user: &UserId,
        id: &AccountId,
        period: Period,
    ) -> Result<StatementPdf, Error> {
        let period = view::period(period)?;
        let record = self.find_ready(user, id).await?;
        let accounts = self.clone();
        self.to_the_end(async move {
            let mono_id = view::mono_id(&record.id)?;
            let pdf = accounts.mono().start_statement_pdf(&mono_id, period).await;
            let pdf = view::statement_pdf(pdf.map_err(read_failed)?)?;
            accounts
                .store()
                .keep_statement_pdf(&record.id, &pdf.job_id, accounts.now())
                .await?;
            Ok(pdf)
        })
        .await
    }

    /// How far a PDF has come that was started for this account.
    pub async fn statement_pdf(
        &self,
        user: &UserId,
        account: &AccountId,
        job: &JobId,
    ) -> Result<StatementPdf, Error> {
        self.find(user, account).await?;
        if !self.store().is_statement_pdf_of(account, job).await? {
            return Err(Error::JobNotFound);
        }
        let id = job.as_str().parse();
        let id = id.map_err(|_| Error::Broken("a job id of ours is none of Mono's"))?;
        let account = view::mono_id(account)?;
        match self.mono().statement_pdf(&account, &id).await {
            Ok(pdf) => view::statement_pdf(pdf),
            Err(mono_client::Error::NotFound) => Err(Error::JobNotFound),
            Err(error) => Err(read_failed(error)),
        }
    }
}
