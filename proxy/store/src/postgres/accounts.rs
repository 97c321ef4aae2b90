//! Accounts in PostgreSQL.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use sqlx::{Postgres, Transaction};

use super::PostgresStore;
use super::outbox::{add_message, end_messages};
use crate::Error;
use crate::accounts::{AccountStore, Check, Written, digest_of};
use crate::changes::Changed;
use crate::outbox::NewMessage;
use crate::record::AccountRecord;
use crate::row::{AccountRow, Row as _, read_all, read_claimed, to_json};
use crate::sealed::{ACCOUNT_CONSENT, ACCOUNT_PROFILE, Keyring};

#[async_trait]
impl AccountStore for PostgresStore {
    async fn find_account(
        &self,
        user: &UserId,
        id: &AccountId,
    ) -> Result<Option<AccountRecord>, Error> {
        let row: Option<AccountRow> =
            sqlx::query_as("select * from accounts where id = $1 and user_id = $2")
                .bind(id.as_str())
                .bind(user.as_str())
                .fetch_optional(&self.pool)
                .await?;
        row.map(|row| row.read(&self.keyring)).transpose()
    }

    async fn find_any_account(&self, id: &AccountId) -> Result<Option<AccountRecord>, Error> {
        let row: Option<AccountRow> = sqlx::query_as("select * from accounts where id = $1")
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| row.read(&self.keyring)).transpose()
    }

    async fn list_accounts(&self, user: &UserId) -> Result<Vec<AccountRecord>, Error> {
        let rows: Vec<AccountRow> =
            sqlx::query_as("select * from accounts where user_id = $1 order by linked_at, id")
                .bind(user.as_str())
                .fetch_all(&self.pool)
                .await?;
        read_all(&self.keyring, rows)
    }

    async fn update_account(
        &self,
        account: &AccountRecord,
        messages: &[NewMessage],
    ) -> Result<Written, Error> {
        let mut transaction = self.begin().await?;
        let written = sqlx::query(
            "update accounts
             set version = version + 1, profile_json = $1, state_json = $2, duplicate_of = $3,
                 updated_at = $4,
                 next_check_at = case when $5 then coalesce(next_check_at, $4) end,
                 requires_reauth = $6, fetched_at = $7
             where id = $8 and version = $9",
        )
        .bind(
            self.keyring
                .seal_json(&ACCOUNT_PROFILE, account.id.as_str(), &account.profile)?,
        )
        .bind(to_json(&account.state)?)
        .bind(account.duplicate_of.as_ref().map(AccountId::as_str))
        .bind(account.updated_at.as_millisecond())
        .bind(account.wants_details())
        .bind(account.requires_reauth())
        .bind(account.fetched_at().as_millisecond())
        .bind(account.id.as_str())
        .bind(account.version)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if written == 1 {
            for message in messages {
                add_message(&mut transaction, &self.keyring, message).await?;
            }
            let (user, at) = (&account.user, account.updated_at);
            self.commit_with_change(transaction, user, &account.id, &Changed::Account, at)
                .await?;
            return Ok(Written::Version(account.version + 1));
        }
        let exists: bool =
            sqlx::query_scalar("select exists (select 1 from accounts where id = $1)")
                .bind(account.id.as_str())
                .fetch_one(&mut *transaction)
                .await?;
        transaction.rollback().await?;
        Ok(if exists {
            Written::Conflict
        } else {
            Written::Gone
        })
    }

    async fn remove_account(
        &self,
        user: &UserId,
        id: &AccountId,
        at: Timestamp,
        last: Option<&NewMessage>,
    ) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        let removed = sqlx::query("delete from accounts where id = $1 and user_id = $2")
            .bind(id.as_str())
            .bind(user.as_str())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if removed == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        sqlx::query("delete from jobs where account_id = $1")
            .bind(id.as_str())
            .execute(&mut *transaction)
            .await?;
        end_messages(&mut transaction, &self.keyring, id, last).await?;
        self.commit_with_change(transaction, user, id, &Changed::Removed, at)
            .await?;
        Ok(true)
    }

    async fn erase_account(
        &self,
        user: &UserId,
        id: &AccountId,
        at: Timestamp,
        last: Option<&NewMessage>,
    ) -> Result<bool, Error> {
        self.erase(user, id, at, last).await
    }

    async fn is_erased(&self, id: &AccountId) -> Result<bool, Error> {
        let erased =
            sqlx::query_scalar("select exists (select 1 from erased_accounts where digest = $1)")
                .bind(digest_of(id))
                .fetch_one(&self.pool)
                .await?;
        Ok(erased)
    }

    async fn claim_check(
        &self,
        id: &AccountId,
        check: Check,
        now: Timestamp,
        interval: SignedDuration,
    ) -> Result<bool, Error> {
        let now = now.as_millisecond();
        let latest = i64::try_from(interval.as_millis()).map_or(i64::MIN, |span| now - span);
        let claim = match check {
            Check::Status => {
                "update accounts set checked_at = $1
                 where id = $2 and (checked_at is null or checked_at <= $3)"
            }
            Check::Job => {
                "update accounts set job_checked_at = $1
                 where id = $2 and (job_checked_at is null or job_checked_at <= $3)"
            }
            Check::Income => {
                "update accounts set income_checked_at = $1
                 where id = $2 and (income_checked_at is null or income_checked_at <= $3)"
            }
            Check::Confirmation => {
                "update accounts set confirmed_at = $1
                 where id = $2 and (confirmed_at is null or confirmed_at <= $3)"
            }
        };
        let claimed = sqlx::query(claim)
            .bind(now)
            .bind(id.as_str())
            .bind(latest)
            .execute(&self.pool)
            .await?
            .rows_affected();
        Ok(claimed == 1)
    }

    async fn claim_processing_accounts(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error> {
        let rows: Vec<AccountRow> = sqlx::query_as(
            "with due as materialized (
               select id from accounts where next_check_at <= $2
               order by next_check_at limit $3 for update skip locked
             )
             update accounts set next_check_at = $1 from due where accounts.id = due.id
             returning accounts.*",
        )
        .bind(until.as_millisecond())
        .bind(now.as_millisecond())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        Ok(read_claimed(&self.keyring, rows))
    }

    async fn claim_scheduled_accounts(
        &self,
        run: Timestamp,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<AccountRecord>, Error> {
        let rows: Vec<AccountRow> = sqlx::query_as(
            "with due as materialized (
               select id from accounts
               where consent_json is not null and linked_at < $1
                 and coalesce(scheduled_at, 0) < $1
                 and (scheduled_until is null or scheduled_until <= $2)
               order by coalesce(scheduled_at, 0), linked_at, id limit $4 for update skip locked
             )
             update accounts set scheduled_until = $3 from due where accounts.id = due.id
             returning accounts.*",
        )
        .bind(run.as_millisecond())
        .bind(now.as_millisecond())
        .bind(until.as_millisecond())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        Ok(read_claimed(&self.keyring, rows))
    }

    async fn finish_scheduled_account(&self, id: &AccountId, run: Timestamp) -> Result<(), Error> {
        sqlx::query("update accounts set scheduled_at = $1, scheduled_until = null where id = $2")
            .bind(run.as_millisecond())
            .bind(id.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn put_off_check(&self, id: &AccountId, until: Timestamp) -> Result<(), Error> {
        sqlx::query(
            "update accounts set next_check_at = $1 where id = $2 and next_check_at is not null",
        )
        .bind(until.as_millisecond())
        .bind(id.as_str())
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// Adds an account. False when there is one with this id: then nothing was written.
pub(super) async fn insert_account(
    transaction: &mut Transaction<'_, Postgres>,
    keyring: &Keyring,
    account: &AccountRecord,
) -> Result<bool, Error> {
    let id = account.id.as_str();
    let consent = account.consent.as_ref();
    let consent = consent
        .map(|consent| keyring.seal_json(&ACCOUNT_CONSENT, id, consent))
        .transpose()?;
    let inserted = sqlx::query(
        "insert into accounts
           (id, user_id, version, profile_json, state_json, reference, consent_json,
            duplicate_of, linked_at, updated_at, next_check_at, fetched_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (id) do nothing",
    )
    .bind(account.id.as_str())
    .bind(account.user.as_str())
    .bind(account.version)
    .bind(keyring.seal_json(&ACCOUNT_PROFILE, id, &account.profile)?)
    .bind(to_json(&account.state)?)
    .bind(account.reference.as_str())
    .bind(consent)
    .bind(account.duplicate_of.as_ref().map(AccountId::as_str))
    .bind(account.linked_at.as_millisecond())
    .bind(account.updated_at.as_millisecond())
    .bind(account.first_check().map(Timestamp::as_millisecond))
    .bind(account.fetched_at().as_millisecond())
    .execute(&mut **transaction)
    .await?
    .rows_affected();
    Ok(inserted == 1)
}
