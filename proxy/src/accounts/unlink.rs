//! The end of a link: by the user's wish or by Mono's word.
//!
//! Mono is told first, because a link that goes on there while nothing is known of it here could be
//! ended by nobody. Then everything that names the account is erased.

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use mono_connect_store::{AccountRecord, WaitsFor};

use super::event::Taken;
use super::{Accounts, Error, view};

/// An event claims the end of a link that Mono still knows: how soon Mono is asked again. Each time
/// takes as long again.
const FIRST_DOUBT: SignedDuration = SignedDuration::from_secs(5);

/// After this the event is not believed.
const LONGEST_DOUBT: SignedDuration = SignedDuration::from_mins(5);

impl Accounts {
    /// Ends the link at Mono and erases the account.
    ///
    /// Goes on when the caller has gone. If Mono does not do it, everything is as it was, and it may
    /// be tried again; that Mono knows no such account is as good.
    pub async fn unlink(&self, user: &UserId, id: &AccountId) -> Result<(), Error> {
        let (accounts, user, id) = (self.clone(), user.clone(), id.clone());
        self.to_the_end(async move {
            // Before anything is waited for, so that another user's account takes the same work as a
            // missing one.
            accounts.find(&user, &id).await?;
            // Mono's event about it waits meanwhile, and so does a second call.
            let _turn = accounts.turn(&accounts.inner.facts, &id).await?;
            let _end_anywhere = accounts.hold(&format!("unlink {id}")).await?;
            let record = accounts.find(&user, &id).await?;
            match accounts.mono().unlink(&view::mono_id(&id)?).await {
                Ok(()) | Err(mono_client::Error::NotFound) => accounts.erase(&record).await,
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// Takes an event that says that a link has ended.
    pub(super) async fn take_unlinked(
        &self,
        id: &AccountId,
        received_at: Timestamp,
    ) -> Result<Taken, Error> {
        let _turn = self.turn(&self.inner.facts, id).await?;
        let Some(record) = self.store().find_any_account(id).await? else {
            return Ok(Taken::WaitsFor(WaitsFor::Account(id.clone())));
        };
        if self.settings().confirm_events && self.is_known_to_mono(id).await? {
            let doubted = self.now().duration_since(received_at);
            if doubted < LONGEST_DOUBT {
                return Ok(Taken::Later(doubted.max(FIRST_DOUBT)));
            }
            tracing::warn!("an event says that a link has ended, and Mono says that it has not");
            return Ok(Taken::Done);
        }
        self.erase(&record).await?;
        Ok(Taken::Done)
    }

    async fn is_known_to_mono(&self, id: &AccountId) -> Result<bool, Error> {
        match self.mono().account(&view::mono_id(id)?).await {
            Err(mono_client::Error::NotFound) => Ok(false),
            Ok(_) | Err(mono_client::Error::NoData) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Erases an account and everything that names it, and tells its user's pages.
    pub(super) async fn erase(&self, record: &AccountRecord) -> Result<(), Error> {
        let last = self.message_of_end(record)?;
        let erased = self
            .store()
            .erase_account(&record.user, &record.id, self.now(), last.as_ref())
            .await?;
        self.erase_cached(&record.id);
        if erased {
            self.tell(&record.user);
            self.post();
        }
        Ok(())
    }
}
