//! Who owns an account.

use mono_client::Client;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::identity::Identity;

use super::cache::Read;
use super::{Accounts, Error, view};

impl Accounts {
    /// The account's holder, as the bank knows them. Not every bank tells.
    pub async fn identity(&self, user: &UserId, id: &AccountId) -> Result<Identity, Error> {
        let ask = async |mono: Client, id| mono.identity(&id).await;
        let told = self.read(user, id, Read::Identity, ask).await?;
        Ok(view::identity(told.data))
    }
}
