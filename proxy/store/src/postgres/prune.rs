//! Removing old rows in PostgreSQL. What another process is about to remove is left to it.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;

use super::PostgresStore;
use crate::Error;
use crate::prune::{Prunable, PruneStore};

#[async_trait]
impl PruneStore for PostgresStore {
    async fn prune(&self, what: Prunable, before: Timestamp, limit: u32) -> Result<u64, Error> {
        let removed = sqlx::query(delete(what))
            .bind(before.as_millisecond())
            .bind(i64::from(limit))
            .execute(&self.pool)
            .await?
            .rows_affected();
        if what == Prunable::Changes {
            self.forget_newest_change(before).await?;
        }
        Ok(removed)
    }
}

impl PostgresStore {
    /// Its number says how far the numbers have come; whom it was about says nothing.
    async fn forget_newest_change(&self, before: Timestamp) -> Result<(), Error> {
        sqlx::query(
            "update changes set user_id = '', account_id = '', job_id = null
             where number = (select max(number) from changes) and made_at < $1 and user_id <> ''",
        )
        .bind(before.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

fn delete(what: Prunable) -> &'static str {
    match what {
        Prunable::LinkSessions => {
            "with old as materialized (
               select reference from link_sessions where expires_at < $1
               limit $2 for update skip locked
             )
             delete from link_sessions using old where link_sessions.reference = old.reference"
        }
        Prunable::Exchanges => {
            "with old as materialized (
               select code_hash from exchanges where started_at < $1
               limit $2 for update skip locked
             )
             delete from exchanges using old where exchanges.code_hash = old.code_hash"
        }
        Prunable::DoneEvents => {
            "with old as materialized (
               select id from inbox where done_at < $1 limit $2 for update skip locked
             )
             delete from inbox using old where inbox.id = old.id"
        }
        Prunable::WaitingEvents => {
            "with old as materialized (
               select id from inbox
               where due_at is null and done_at is null and received_at < $1
               limit $2 for update skip locked
             )
             delete from inbox using old where inbox.id = old.id"
        }
        Prunable::EndedJobs => {
            "with old as materialized (
               select id from jobs where next_check_at is null and updated_at < $1
               limit $2 for update skip locked
             )
             delete from jobs using old where jobs.id = old.id"
        }
        Prunable::StatementPdfs => {
            "with old as materialized (
               select account_id, job_id from statement_pdfs where started_at < $1
               limit $2 for update skip locked
             )
             delete from statement_pdfs using old
             where statement_pdfs.account_id = old.account_id
               and statement_pdfs.job_id = old.job_id"
        }
        Prunable::ErasedAccounts => {
            "with old as materialized (
               select digest from erased_accounts where at < $1 limit $2 for update skip locked
             )
             delete from erased_accounts using old where erased_accounts.digest = old.digest"
        }
        Prunable::OutboxMessages => {
            "with old as materialized (
               select number from outbox where made_at < $1 limit $2 for update skip locked
             )
             delete from outbox using old where outbox.number = old.number"
        }
        Prunable::Changes => {
            "with old as materialized (
               select number from changes
               where number < coalesce(
                 (select number from changes where made_at >= $1 order by number limit 1),
                 (select max(number) from changes)
               )
               order by number limit $2 for update skip locked
             )
             delete from changes using old where changes.number = old.number"
        }
        Prunable::ErasedUsers => {
            "with old as materialized (
               select number from changes where what = 'erased' and made_at < $1
               order by number limit $2 for update skip locked
             )
             update changes set user_id = '', account_id = '', job_id = null, what = 'removed'
             from old where changes.number = old.number"
        }
    }
}
