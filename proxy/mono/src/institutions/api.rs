//! The call for the banks.

use std::borrow::Cow;

use super::{Institutions, read};
use crate::client::Client;
use crate::config::Generation;
use crate::error::Error;
use crate::transport::{Call, Route};

impl Client {
    /// Reads which banks' accounts can be linked.
    ///
    /// [`Error::NoData`] when Mono names none.
    pub async fn institutions(&self) -> Result<Institutions, Error> {
        let query = match self.generation() {
            Generation::V1 => Vec::new(),
            Generation::V2 => vec![("scope", Cow::from("financial_data"))],
        };
        let call = Call {
            query,
            ..Call::new(Route::Institutions)
        };
        read::read(&self.transport.send(call).await?)
    }
}
