//! What came into an account and what went out of it, month by month.

use mono_client::Client;
use mono_connect_shared::history::History;
use mono_connect_shared::id::{AccountId, UserId};

use super::cache::Read;
use super::read::Told;
use super::{Accounts, Error, view};

impl Accounts {
    /// What came in.
    pub async fn credits(&self, user: &UserId, id: &AccountId) -> Result<History, Error> {
        let ask = async |mono: Client, id| mono.credits(&id).await;
        Ok(history(self.read(user, id, Read::Credits, ask).await?))
    }

    /// What went out.
    pub async fn debits(&self, user: &UserId, id: &AccountId) -> Result<History, Error> {
        let ask = async |mono: Client, id| mono.debits(&id).await;
        Ok(history(self.read(user, id, Read::Debits, ask).await?))
    }
}

fn history(told: Told<mono_client::History>) -> History {
    view::history(told.data)
}
