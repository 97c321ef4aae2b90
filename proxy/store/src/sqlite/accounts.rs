//! Accounts in SQLite.

use async_trait::async_trait;
use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::{AccountId, UserId};
use sqlx::{Sqlite, Transaction};

use super::SqliteStore;
use super::changes::add_change;
use super::erasure::erase_account;
use super::outbox::{add_message, end_messages};
use crate::Error;
use crate::accounts::{AccountStore, Check, Written, digest_of};
use crate::changes::Changed;
use crate::outbox::NewMessage;
use crate::record::AccountRecord;
use crate::row::{AccountRow, Row as _, read_all, read_claimed, to_json};
use crate::sealed::{ACCOUNT_CONSENT, ACCOUNT_PROFILE, Keyring};

#[async_trait]
impl AccountStore for SqliteStore {
    async fn find_account(
        &self,
        user: &UserId,
        id: &AccountId,
    ) -> Result<Option<AccountRecord>, Error> {
        let row: Option<AccountRow> =
            sqlx::query_as("select * from accounts where id = ? and user_id = ?")
                .bind(id.as_str())
                .bind(user.as_str())
                .fetch_optional(&self.reader)
                .await?;
        row.map(|row| row.read(&self.keyring)).transpose()
    }

    async fn find_any_account(&self, id: &AccountId) -> Result<Option<AccountRecord>, Error> {
        let row: Option<AccountRow> = sqlx::query_as("select * from accounts where id = ?")
            .bind(id.as_str())
            .fetch_optional(&self.reader)
            .await?;
        row.map(|row| row.read(&self.keyring)).transpose()
    }

    async fn list_accounts(&self, user: &UserId) -> Result<Vec<AccountRecord>, Error> {
        let rows: Vec<AccountRow> =
            sqlx::query_as("select * from accounts where user_id = ? order by linked_at, id")
                .bind(user.as_str())
                .fetch_all(&self.reader)
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
             set version = version + 1, profile_json = ?, state_json = ?, duplicate_of = ?,
                 updated_at = ?, next_check_at = iif(?, coalesce(next_check_at, ?), null),
                 requires_reauth = ?, fetched_at = ?
             where id = ? and version = ?",
        )
        .bind(
            self.keyring
                .seal_json(&ACCOUNT_PROFILE, account.id.as_str(), &account.profile)?,
        )
        .bind(to_json(&account.state)?)
        .bind(account.duplicate_of.as_ref().map(AccountId::as_str))
        .bind(account.updated_at.as_millisecond())
        .bind(account.wants_details())
        .bind(account.updated_at.as_millisecond())
        .bind(account.requires_reauth())
        .bind(account.fetched_at().as_millisecond())
        .bind(account.id.as_str())
        .bind(account.version)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if written == 1 {
            add_change(
                &mut transaction,
                &account.user,
                &account.id,
                &Changed::Account,
                account.updated_at,
            )
            .await?;
            for message in messages {
                add_message(&mut transaction, &self.keyring, message).await?;
            }
            transaction.commit().await?;
            return Ok(Written::Version(account.version + 1));
        }
        let exists: Option<i64> = sqlx::query_scalar("select 1 from accounts where id = ?")
            .bind(account.id.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
        Ok(if exists.is_some() {
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
        let removed = sqlx::query("delete from accounts where id = ? and user_id = ?")
            .bind(id.as_str())
            .bind(user.as_str())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if removed == 0 {
            return Ok(false);
        }
        sqlx::query("delete from jobs where account_id = ?")
            .bind(id.as_str())
            .execute(&mut *transaction)
            .await?;
        end_messages(&mut transaction, &self.keyring, id, last).await?;
        add_change(&mut transaction, user, id, &Changed::Removed, at).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn erase_account(
        &self,
        user: &UserId,
        id: &AccountId,
        at: Timestamp,
        last: Option<&NewMessage>,
    ) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        let erased = erase_account(&mut transaction, user, id, at).await?;
        if erased {
            end_messages(&mut transaction, &self.keyring, id, last).await?;
        }
        transaction.commit().await?;
        self.empty_log().await;
        Ok(erased)
    }

    async fn is_erased(&self, id: &AccountId) -> Result<bool, Error> {
        let erased: Option<i64> =
            sqlx::query_scalar("select 1 from erased_accounts where digest = ?")
                .bind(digest_of(id))
                .fetch_optional(&self.reader)
                .await?;
        Ok(erased.is_some())
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
                "update accounts set checked_at = ?
                 where id = ? and (checked_at is null or checked_at <= ?)"
            }
            Check::Job => {
                "update accounts set job_checked_at = ?
                 where id = ? and (job_checked_at is null or job_checked_at <= ?)"
            }
            Check::Income => {
                "update accounts set income_checked_at = ?
                 where id = ? and (income_checked_at is null or income_checked_at <= ?)"
            }
            Check::Confirmation => {
                "update accounts set confirmed_at = ?
                 where id = ? and (confirmed_at is null or confirmed_at <= ?)"
            }
        };
        let claimed = sqlx::query(claim)
            .bind(now)
            .bind(id.as_str())
            .bind(latest)
            .execute(&self.writer)
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
            "update accounts set next_check_at = ?
             where id in (
               select id from accounts where next_check_at <= ? order by next_check_at limit ?
             )
             returning *",
        )
        .bind(until.as_millisecond())
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&self.writer)
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
        let run = run.as_millisecond();
        let rows: Vec<AccountRow> = sqlx::query_as(
            "update accounts set scheduled_until = ?
             where id in (
               select id from accounts
               where consent_json is not null and linked_at < ?
                 and coalesce(scheduled_at, 0) < ?
                 and (scheduled_until is null or scheduled_until <= ?)
               order by coalesce(scheduled_at, 0), linked_at, id limit ?
             )
             returning *",
        )
        .bind(until.as_millisecond())
        .bind(run)
        .bind(run)
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&self.writer)
        .await?;
        Ok(read_claimed(&self.keyring, rows))
    }

    async fn finish_scheduled_account(&self, id: &AccountId, run: Timestamp) -> Result<(), Error> {
        sqlx::query("update accounts set scheduled_at = ?, scheduled_until = null where id = ?")
            .bind(run.as_millisecond())
            .bind(id.as_str())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn put_off_check(&self, id: &AccountId, until: Timestamp) -> Result<(), Error> {
        sqlx::query(
            "update accounts set next_check_at = ? where id = ? and next_check_at is not null",
        )
        .bind(until.as_millisecond())
        .bind(id.as_str())
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}

pub(super) async fn insert_account(
    transaction: &mut Transaction<'_, Sqlite>,
    keyring: &Keyring,
    account: &AccountRecord,
) -> Result<(), Error> {
    let id = account.id.as_str();
    let consent = account.consent.as_ref();
    let consent = consent
        .map(|consent| keyring.seal_json(&ACCOUNT_CONSENT, id, consent))
        .transpose()?;
    sqlx::query(
        "insert into accounts
           (id, user_id, version, profile_json, state_json, reference, consent_json,
            duplicate_of, linked_at, updated_at, next_check_at, fetched_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
    .await?;
    add_change(
        transaction,
        &account.user,
        &account.id,
        &Changed::Account,
        account.linked_at,
    )
    .await
}
