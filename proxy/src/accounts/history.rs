//! What came into an account and what went out of it, month by month.

use mono_client::Client;
use mono_connect_shared::history::History;
use mono_connect_shared::id::{AccountId, UserId};

use super::read::{Told, must_be_fetched};
use super::{Accounts, Error, view};

impl Accounts {
    /// What came in.
    pub async fn credits(&self, user: &UserId, id: &AccountId) -> Result<History, Error> {
        let ask = async |mono: Client, id| mono.credits(&id).await;
        history(self.read(user, id, ask).await?)
    }

    /// What went out.
    pub async fn debits(&self, user: &UserId, id: &AccountId) -> Result<History, Error> {
        let ask = async |mono: Client, id| mono.debits(&id).await;
        history(self.read(user, id, ask).await?)
    }
}

fn history(told: Told<mono_client::History>) -> Result<History, Error> {
    if told.data.months.is_empty() {
        must_be_fetched(&told.record)?;
    }
    Ok(view::history(told.data))
}
