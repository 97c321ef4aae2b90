//! The calls for what came in and what went out.

use super::{History, read};
use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::transport::{Call, Route};

impl Client {
    /// Reads what came into an account, `None` when Mono answers without data.
    pub async fn credits(&self, id: &AccountId) -> Result<Option<History>, Error> {
        let call = Call::new(Route::Credits(id));
        read::read(&self.transport.send(call).await?)
    }

    /// Reads what went out of an account, `None` when Mono answers without data.
    pub async fn debits(&self, id: &AccountId) -> Result<Option<History>, Error> {
        let call = Call::new(Route::Debits(id));
        read::read(&self.transport.send(call).await?)
    }
}
