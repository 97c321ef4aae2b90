//! Removing old rows in SQLite.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;

use super::SqliteStore;
use crate::Error;
use crate::prune::{Prunable, PruneStore};

#[async_trait]
impl PruneStore for SqliteStore {
    async fn prune(&self, what: Prunable, before: Timestamp, limit: u32) -> Result<u64, Error> {
        let removed = sqlx::query(delete(what))
            .bind(before.as_millisecond())
            .bind(limit)
            .execute(&self.writer)
            .await?
            .rows_affected();
        if what == Prunable::Changes {
            self.forget_newest_change(before).await?;
        }
        if what == Prunable::ErasedUsers && removed > 0 {
            self.empty_log().await;
        }
        Ok(removed)
    }
}

impl SqliteStore {
    /// Its number says how far the numbers have come; whom it was about says nothing.
    async fn forget_newest_change(&self, before: Timestamp) -> Result<(), Error> {
        sqlx::query(
            "update changes set user_id = '', account_id = '', job_id = null
             where number = (select max(number) from changes) and made_at < ? and user_id <> ''",
        )
        .bind(before.as_millisecond())
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}

fn delete(what: Prunable) -> &'static str {
    match what {
        Prunable::LinkSessions => {
            "delete from link_sessions where reference in (
               select reference from link_sessions where expires_at < ? limit ?
             )"
        }
        Prunable::Exchanges => {
            "delete from exchanges where code_hash in (
               select code_hash from exchanges where started_at < ? limit ?
             )"
        }
        Prunable::DoneEvents => {
            "delete from inbox where id in (
               select id from inbox where done_at < ? limit ?
             )"
        }
        Prunable::WaitingEvents => {
            "delete from inbox where id in (
               select id from inbox
               where due_at is null and done_at is null and received_at < ? limit ?
             )"
        }
        Prunable::EndedJobs => {
            "delete from jobs where id in (
               select id from jobs where next_check_at is null and updated_at < ? limit ?
             )"
        }
        Prunable::StatementPdfs => {
            "delete from statement_pdfs where (account_id, job_id) in (
               select account_id, job_id from statement_pdfs where started_at < ? limit ?
             )"
        }
        Prunable::ErasedAccounts => {
            "delete from erased_accounts where digest in (
               select digest from erased_accounts where at < ? limit ?
             )"
        }
        Prunable::OutboxMessages => {
            "delete from outbox where number in (
               select number from outbox where made_at < ? limit ?
             )"
        }
        Prunable::Changes => {
            "delete from changes where number in (
               select number from changes
               where number < coalesce(
                 (select number from changes where made_at >= ? order by number limit 1),
                 (select max(number) from changes)
               )
               order by number limit ?
             )"
        }
        Prunable::ErasedUsers => {
            "update changes set user_id = '', account_id = '', job_id = null, what = 'removed'
             where number in (
               select number from changes where what = 'erased' and made_at < ? limit ?
             )"
        }
    }
}
