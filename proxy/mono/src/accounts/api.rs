//! The calls about one linked account.

use super::{
    AccountDetails, Balance, TransactionPage, TransactionsQuery, balance, details, transactions,
};
use crate::client::Client;
use crate::config::Generation;
use crate::error::Error;
use crate::id::AccountId;
use crate::transport::{Call, Route};

impl Client {
    /// Reads an account's details: `GET /accounts/{id}`.
    ///
    /// [`Error::NoData`] when Mono answers without any.
    pub async fn account(&self, id: &AccountId) -> Result<AccountDetails, Error> {
        let body = self.transport.send(Call::new(Route::Account(id))).await?;
        details::read(&body, id)
    }

    /// Reads an account's balance, `None` when Mono answers without data.
    ///
    /// The first generation has no call of its own for it: there it is read from the details.
    pub async fn balance(&self, id: &AccountId) -> Result<Option<Balance>, Error> {
        if self.generation() == Generation::V1 {
            return match self.account(id).await {
                Ok(details) => Ok(Some(Balance {
                    balance: details.balance,
                    currency: details.currency,
                })),
                Err(Error::NoData) => Ok(None),
                Err(error) => Err(error),
            };
        }
        let body = self.transport.send(Call::new(Route::Balance(id))).await?;
        balance::read(&body)
    }

    /// Reads one page of an account's transactions, `None` when Mono answers without data, as it
    /// does while it is still fetching them.
    pub async fn transactions(
        &self,
        id: &AccountId,
        query: &TransactionsQuery,
    ) -> Result<Option<TransactionPage>, Error> {
        let query = transactions::query(query)?;
        let call = Call {
            query,
            ..Call::new(Route::Transactions(id))
        };
        let body = self.transport.send(call).await?;
        transactions::read(&body)
    }
}
