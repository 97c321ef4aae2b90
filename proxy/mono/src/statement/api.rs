//! The calls about statements.

use std::borrow::Cow;

use super::{Period, Statement, StatementPdf, pdf, rows};
use crate::client::Client;
use crate::error::Error;
use crate::id::{AccountId, JobId};
use crate::transport::{Call, Route};

impl Client {
    /// Reads an account's statement, `None` when Mono answers without data.
    pub async fn statement(
        &self,
        id: &AccountId,
        period: Period,
    ) -> Result<Option<Statement>, Error> {
        let call = with_query(Route::Statement(id), period, "json");
        rows::read(&self.transport.send(call).await?)
    }

    /// Has Mono build a statement as a PDF. Never repeated: each call begins another one.
    ///
    /// [`Error::NoData`] when Mono answers without data.
    pub async fn start_statement_pdf(
        &self,
        id: &AccountId,
        period: Period,
    ) -> Result<StatementPdf, Error> {
        let call = with_query(Route::StartStatementPdf(id), period, "pdf");
        let body = self.transport.send(call).await?;
        pdf::read(&body, None, self.transport.origin())
    }

    /// Asks how far a PDF has come.
    ///
    /// [`Error::NotFound`] when Mono does not know the account or the job.
    pub async fn statement_pdf(&self, id: &AccountId, job: &JobId) -> Result<StatementPdf, Error> {
        let call = Call::new(Route::StatementPdf(id, job));
        let body = self.transport.send(call).await?;
        pdf::read(&body, Some(job), self.transport.origin())
    }
}

fn with_query<'a>(route: Route<'a>, period: Period, output: &'static str) -> Call<'a> {
    Call {
        query: vec![
            ("period", Cow::from(period.to_string())),
            ("output", Cow::from(output)),
        ],
        ..Call::new(route)
    }
}
