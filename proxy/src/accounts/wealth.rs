//! What an account holds besides money, and what that brought.

use mono_client::Client;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_shared::wealth::{Assets, Earnings};

use super::cache::Read;
use super::{Accounts, Error, view};

impl Accounts {
    /// What the account holds.
    pub async fn assets(&self, user: &UserId, id: &AccountId) -> Result<Assets, Error> {
        let ask = async |mono: Client, id| mono.assets(&id).await;
        let told = self.read(user, id, Read::Assets, ask).await?;
        let currency = told.record.profile.currency.as_deref();
        Ok(view::assets(told.data, currency))
    }

    /// What that brought.
    pub async fn earnings(&self, user: &UserId, id: &AccountId) -> Result<Earnings, Error> {
        let ask = async |mono: Client, id| mono.earnings(&id).await;
        let told = self.read(user, id, Read::Earnings, ask).await?;
        Ok(view::earnings(told.data))
    }
}
