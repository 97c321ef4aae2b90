//! Ending the link to an account at Mono.

use crate::client::Client;
use crate::error::Error;
use crate::id::AccountId;
use crate::transport::{Call, Route};

impl Client {
    /// Has Mono end the link and delete what it holds of the account.
    ///
    /// [`Error::NotFound`] when there is no such account any more.
    pub async fn unlink(&self, id: &AccountId) -> Result<(), Error> {
        self.transport.send(Call::new(Route::Unlink(id))).await?;
        Ok(())
    }
}
