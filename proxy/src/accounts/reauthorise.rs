//! Letting a user log in to the bank again.

use jiff::SignedDuration;
use mono_connect_shared::config::{ApiGeneration, ReauthoriseMethod};
use mono_connect_shared::id::{AccountId, Reference, UserId};
use mono_connect_shared::lifecycle::{Command, command};
use mono_connect_shared::reauthorise::Reauthorisation;
use mono_connect_store::AccountRecord;

use super::{Accounts, Error, view};
use crate::random;

/// Mono's tokens work this long (seed 000, note 3).
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// Marks references of re-authorisations.
const REAUTHORISE_PREFIX: &str = "mcr_";

impl Accounts {
    /// What the page needs to let the user log in again. A token is asked for now, because it does
    /// not last; whether the login succeeded is Mono's to say.
    pub async fn reauthorise(
        &self,
        user: &UserId,
        id: &AccountId,
    ) -> Result<Reauthorisation, Error> {
        let record = self.find(user, id).await?;
        let now = self.now();
        self.change(record, |record| {
            let state = command(record.state, Command::Reauthorise, now)?;
            Ok(AccountRecord { state, ..record })
        })
        .await?;
        let reference: Reference =
            random::name(self.inner.parts.random.as_ref(), REAUTHORISE_PREFIX)?
                .parse()
                .map_err(|_| Error::Broken("a random name is no reference"))?;
        match self.settings().reauthorise {
            ReauthoriseMethod::AccountId => Ok(Reauthorisation::AccountId {
                account_id: id.clone(),
                reference,
            }),
            ReauthoriseMethod::Token => self.reauthorise_by_token(id, reference).await,
            ReauthoriseMethod::HostedLink => self.reauthorise_by_link(id, reference).await,
        }
    }

    async fn reauthorise_by_token(
        &self,
        id: &AccountId,
        reference: Reference,
    ) -> Result<Reauthorisation, Error> {
        // Counted from before the call: the token is never claimed to last longer than it does.
        let expires_at = self
            .now()
            .checked_add(TOKEN_LIFETIME)
            .map_err(|_| Error::Broken("the end of time"))?;
        let token = self.mono().reauthorise_token(&view::mono_id(id)?).await;
        let token = token.map_err(failed)?;
        Ok(Reauthorisation::Token {
            token: token.expose().to_owned(),
            expires_at,
            reference,
        })
    }

    async fn reauthorise_by_link(
        &self,
        id: &AccountId,
        reference: Reference,
    ) -> Result<Reauthorisation, Error> {
        if self.settings().generation == ApiGeneration::V1 {
            return Err(Error::NotSupported("Mono's v1 API has no hosted link."));
        }
        let link = self
            .mono()
            .initiate_reauthorisation(
                &view::mono_id(id)?,
                reference.as_str(),
                &self.settings().public_url,
            )
            .await
            .map_err(failed)?;
        Ok(Reauthorisation::HostedLink {
            url: link.url.into(),
            reference,
        })
    }
}

fn failed(error: mono_client::Error) -> Error {
    match error {
        // The account was unlinked at Mono and the news has not reached us.
        mono_client::Error::NotFound => Error::AccountNotFound,
        error => error.into(),
    }
}
