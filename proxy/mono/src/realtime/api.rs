//! The calls that ask for fresh data.

use super::headers;
use super::model::Realtime;
use crate::accounts::{Balance, TransactionPage, TransactionsQuery, balance, transactions};
use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::transport::{Call, Route};

impl Client {
    /// Reads an account's balance and has Mono fetch a fresh one (second generation only).
    ///
    /// Mono charges for it and runs one in five minutes per account: it is not repeated once it
    /// may have arrived. Read with [`Client::balance`] after the job has finished.
    pub async fn realtime_balance(&self, id: &AccountId) -> Result<Realtime<Balance>, Error> {
        self.realtime(Call::new(Route::RealtimeBalance(id)), balance::read)
            .await
    }

    /// Reads one page of an account's transactions and has Mono fetch fresh ones (second
    /// generation only), as [`Client::realtime_balance`] does.
    pub async fn realtime_transactions(
        &self,
        id: &AccountId,
        query: &TransactionsQuery,
    ) -> Result<Realtime<TransactionPage>, Error> {
        let call = Call {
            query: transactions::query(query)?,
            ..Call::new(Route::RealtimeTransactions(id))
        };
        self.realtime(call, transactions::read).await
    }

    async fn realtime<T>(
        &self,
        call: Call<'_>,
        read: fn(&[u8]) -> Result<Option<T>, Error>,
    ) -> Result<Realtime<T>, Error> {
        let answer = self.transport.answer(call).await?;
        Ok(Realtime {
            data: read(&answer.body)?,
            has_new_data: headers::has_new_data(&answer.headers),
            job: headers::job(&answer.headers),
        })
    }
}
