//! Link sessions and exchanges in SQLite.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, Reference, UserId};

use super::SqliteStore;
use super::accounts::insert_account;
use super::erasure::forget_erasure;
use super::inbox::wake_events_of_account;
use super::outbox::add_message;
use crate::Error;
use crate::links::{
    CodeHash, Exchange, ExchangeStart, LinkOutcome, LinkSessionRecord, LinkStore, NewLink,
};
use crate::row::{ExchangeRow, LinkSessionRow, Row as _};
use crate::sealed::LINK_SESSION_CONSENT;

#[async_trait]
impl LinkStore for SqliteStore {
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
             values (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(reference)
        .bind(session.user.as_str())
        .bind(session.created_at.as_millisecond())
        .bind(session.expires_at.as_millisecond())
        .bind(consent)
        .bind(session.account.as_ref().map(AccountId::as_str))
        .bind(session.exchanged)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn count_open_link_sessions(&self, user: &UserId, now: Timestamp) -> Result<u64, Error> {
        let open: i64 = sqlx::query_scalar(
            "select count(*) from link_sessions
             where user_id = ? and account_id is null and expires_at > ?",
        )
        .bind(user.as_str())
        .bind(now.as_millisecond())
        .fetch_one(&self.reader)
        .await?;
        Ok(open.unsigned_abs())
    }

    async fn find_link_session(
        &self,
        reference: &Reference,
    ) -> Result<Option<LinkSessionRecord>, Error> {
        let row: Option<LinkSessionRow> =
            sqlx::query_as("select * from link_sessions where reference = ?")
                .bind(reference.as_str())
                .fetch_optional(&self.reader)
                .await?;
        row.map(|row| row.read(&self.keyring)).transpose()
    }

    async fn start_exchange(&self, exchange: &Exchange) -> Result<ExchangeStart, Error> {
        let mut transaction = self.begin().await?;
        // The row stays with whoever inserted it; the same user may try again.
        sqlx::query(
            "insert into exchanges (code_hash, user_id, reference, started_at) values (?, ?, ?, ?)
             on conflict (code_hash) do update
               set reference = excluded.reference, started_at = excluded.started_at
               where user_id = excluded.user_id and account_id is null",
        )
        .bind(&exchange.code.0[..])
        .bind(exchange.user.as_str())
        .bind(exchange.reference.as_str())
        .bind(exchange.started_at.as_millisecond())
        .execute(&mut *transaction)
        .await?;
        let row: ExchangeRow = sqlx::query_as("select * from exchanges where code_hash = ?")
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
            sqlx::query_as("select * from exchanges where code_hash = ?")
                .bind(&code.0[..])
                .fetch_optional(&self.reader)
                .await?;
        row.map(|row| row.read(&self.keyring)).transpose()
    }

    async fn record_exchange(&self, code: &CodeHash, account: &AccountId) -> Result<(), Error> {
        sqlx::query("update exchanges set account_id = ? where code_hash = ?")
            .bind(account.as_str())
            .bind(&code.0[..])
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn forget_exchange(&self, code: &CodeHash) -> Result<(), Error> {
        sqlx::query("delete from exchanges where code_hash = ?")
            .bind(&code.0[..])
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn finish_link(&self, link: &NewLink) -> Result<LinkOutcome, Error> {
        let mut transaction = self.begin().await?;
        let account = &link.account;
        let session: Option<(Option<String>, bool)> =
            sqlx::query_as("select account_id, exchanged from link_sessions where reference = ?")
                .bind(link.reference.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
        let is_open = session.is_some_and(|(used_for, exchanged)| match used_for {
            None => true,
            Some(used_for) => !exchanged && used_for == account.id.as_str(),
        });
        if !is_open {
            return Ok(LinkOutcome::SessionUsed);
        }
        let owner: Option<String> = sqlx::query_scalar("select user_id from accounts where id = ?")
            .bind(account.id.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
        let outcome = match owner {
            Some(owner) if owner != account.user.as_str() => return Ok(LinkOutcome::Taken),
            Some(_) => LinkOutcome::AlreadyLinked,
            None => {
                insert_account(&mut transaction, &self.keyring, account).await?;
                forget_erasure(&mut transaction, &account.id).await?;
                wake_events_of_account(&mut transaction, &account.id, account.linked_at).await?;
                if let Some(message) = &link.message {
                    add_message(&mut transaction, &self.keyring, message).await?;
                }
                LinkOutcome::Linked
            }
        };
        sqlx::query(
            "update link_sessions set account_id = ?, exchanged = exchanged or ? where reference = ?",
        )
        .bind(account.id.as_str())
        .bind(link.exchanged)
        .bind(link.reference.as_str())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(outcome)
    }
}
