//! Link sessions and exchanges in PostgreSQL.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, Reference, UserId};
use sqlx::{Postgres, Transaction};

use super::PostgresStore;
use super::accounts::insert_account;
use super::erasure::forget_erasure;
use super::inbox::wake_events_of_account;
use super::outbox::add_message;
use crate::Error;
use crate::changes::Changed;
use crate::links::{
    CodeHash, Exchange, ExchangeStart, LinkOutcome, LinkSessionRecord, LinkStore, NewLink,
};
use crate::row::{ExchangeRow, LinkSessionRow, Row as _};
use crate::sealed::LINK_SESSION_CONSENT;

#[async_trait]
impl LinkStore for PostgresStore {
    async fn add_link_session(&self, session: &LinkSessionRecord) -> Result<(), Error> {
        let reference = session.reference.as_str();
        let consent = session.consent.as_ref();
        let consent = consent
            .map(|consent| {
                self.keyring
                    .seal_json(&LINK_SESSION_CONSENT, reference, consent)
            })
            .transpose()?;
        sqlx::query(
            "insert into link_sessions
               (reference, user_id, created_at, expires_at, consent_json, account_id, exchanged)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(reference)
        .bind(session.user.as_str())
        .bind(session.created_at.as_millisecond())
        .bind(session.expires_at.as_millisecond())
        .bind(consent)
        .bind(session.account.as_ref().map(AccountId::as_str))
        .bind(session.exchanged)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn count_open_link_sessions(&self, user: &UserId, now: Timestamp) -> Result<u64, Error> {
        let open: i64 = sqlx::query_scalar(
            "select count(*) from link_sessions
             where user_id = $1 and account_id is null and expires_at > $2",
        )
        .bind(user.as_str())
        .bind(now.as_millisecond())
        .fetch_one(&self.pool)
        .await?;
        Ok(open.unsigned_abs())
    }

    async fn find_link_session(
        &self,
        reference: &Reference,
    ) -> Result<Option<LinkSessionRecord>, Error> {
        let row: Option<LinkSessionRow> =
            sqlx::query_as("select * from link_sessions where reference = $1")
                .bind(reference.as_str())
                .fetch_optional(&self.pool)
                .await?;
        row.map(|row| row.read(&self.keyring)).transpose()
    }

    async fn start_exchange(&self, exchange: &Exchange) -> Result<ExchangeStart, Error> {
        let mut transaction = self.begin().await?;
        // The row stays with whoever inserted it; the same user may try again. Either way it is
        // locked from here on, so that what is read next is what was decided.
        sqlx::query(
            "insert into exchanges (code_hash, user_id, reference, started_at)
             values ($1, $2, $3, $4)
             on conflict (code_hash) do update
               set reference = excluded.reference, started_at = excluded.started_at
               where exchanges.user_id = excluded.user_id and exchanges.account_id is null",
        )
        .bind(&exchange.code.0[..])
        .bind(exchange.user.as_str())
        .bind(exchange.reference.as_str())
        .bind(exchange.started_at.as_millisecond())
        .execute(&mut *transaction)
        .await?;
        let row: ExchangeRow = sqlx::query_as("select * from exchanges where code_hash = $1")
            .bind(&exchange.code.0[..])
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;

        let known = row.read(&self.keyring)?;
        Ok(match known.account {
            _ if known.user != exchange.user => ExchangeStart::Taken,
            Some(account) => ExchangeStart::Exchanged(account),
            None => ExchangeStart::Started,
        })
    }

    async fn find_exchange(&self, code: &CodeHash) -> Result<Option<Exchange>, Error> {
        let row: Option<ExchangeRow> =
            sqlx::query_as("select * from exchanges where code_hash = $1")
                .bind(&code.0[..])
                .fetch_optional(&self.pool)
                .await?;
        row.map(|row| row.read(&self.keyring)).transpose()
    }

    async fn record_exchange(&self, code: &CodeHash, account: &AccountId) -> Result<(), Error> {
        sqlx::query("update exchanges set account_id = $1 where code_hash = $2")
            .bind(account.as_str())
            .bind(&code.0[..])
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn forget_exchange(&self, code: &CodeHash) -> Result<(), Error> {
        sqlx::query("delete from exchanges where code_hash = $1")
            .bind(&code.0[..])
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn finish_link(&self, link: &NewLink) -> Result<LinkOutcome, Error> {
        let mut transaction = self.begin().await?;
        let account = &link.account;
        // Locked to the end: of two accounts for one session the second is refused.
        let session: Option<(Option<String>, bool)> = sqlx::query_as(
            "select account_id, exchanged from link_sessions where reference = $1 for update",
        )
        .bind(link.reference.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
        let is_open = session.is_some_and(|(used_for, exchanged)| match used_for {
            None => true,
            Some(used_for) => !exchanged && used_for == account.id.as_str(),
        });
        if !is_open {
            transaction.rollback().await?;
            return Ok(LinkOutcome::SessionUsed);
        }
        if insert_account(&mut transaction, &self.keyring, account).await? {
            forget_erasure(&mut transaction, &account.id).await?;
            wake_events_of_account(&mut transaction, &account.id, account.linked_at).await?;
            use_up(&mut transaction, link).await?;
            if let Some(message) = &link.message {
                add_message(&mut transaction, &self.keyring, message).await?;
            }
            let (user, at) = (&account.user, account.linked_at);
            self.commit_with_change(transaction, user, &account.id, &Changed::Account, at)
                .await?;
            return Ok(LinkOutcome::Linked);
        }
        let owner: Option<String> =
            sqlx::query_scalar("select user_id from accounts where id = $1")
                .bind(account.id.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
        match owner {
            Some(owner) if owner == account.user.as_str() => {
                use_up(&mut transaction, link).await?;
                transaction.commit().await?;
                Ok(LinkOutcome::AlreadyLinked)
            }
            Some(_) => {
                transaction.rollback().await?;
                Ok(LinkOutcome::Taken)
            }
            None => Err(Error::Unavailable(
                "the account was removed at this very moment".into(),
            )),
        }
    }
}

async fn use_up(transaction: &mut Transaction<'_, Postgres>, link: &NewLink) -> Result<(), Error> {
    sqlx::query(
        "update link_sessions set account_id = $1, exchanged = exchanged or $2
         where reference = $3",
    )
    .bind(link.account.id.as_str())
    .bind(link.exchanged)
    .bind(link.reference.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
