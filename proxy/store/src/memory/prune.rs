//! Removing old rows in memory.

use async_trait::async_trait;
use mono_connect_shared::Timestamp;

use super::{MemoryStore, Tables};
use crate::Error;
use crate::prune::{Prunable, PruneStore};

#[async_trait]
impl PruneStore for MemoryStore {
    async fn prune(&self, what: Prunable, before: Timestamp, limit: u32) -> Result<u64, Error> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let removed = self.tables().prune(what, before, limit);
        Ok(u64::try_from(removed).unwrap_or(u64::MAX))
    }
}

impl Tables {
    fn prune(&mut self, what: Prunable, before: Timestamp, limit: usize) -> usize {
        let mut left = limit;
        // Says for each row whether it stays, and counts those that go.
        let mut stays = |is_old: bool| {
            let goes = is_old && left > 0;
            left -= usize::from(goes);
            !goes
        };
        match what {
            Prunable::LinkSessions => self
                .link_sessions
                .retain(|_, session| stays(session.expires_at < before)),
            Prunable::Exchanges => self
                .exchanges
                .retain(|_, exchange| stays(exchange.started_at < before)),
            Prunable::DoneEvents => self
                .inbox
                .retain(|_, row| stays(row.done_at.is_some_and(|at| at < before))),
            Prunable::WaitingEvents => self
                .inbox
                .retain(|_, row| stays(row.is_waiting() && row.received_at() < before)),
            Prunable::EndedJobs => self.jobs.retain(|id, job| {
                let is_settled = !self.next_job_checks.contains_key(id);
                stays(is_settled && job.updated_at < before)
            }),
            Prunable::StatementPdfs => self
                .statement_pdfs
                .retain(|_, started_at| stays(*started_at < before)),
            Prunable::ErasedAccounts => self.erased_accounts.retain(|_, at| stays(*at < before)),
            Prunable::OutboxMessages => self
                .outbox
                .retain(|_, row| stays(row.message.message.at < before)),
            Prunable::Changes => {
                let old = self.changes.iter().take_while(|row| row.at < before);
                let all_but_newest = self.changes.len().saturating_sub(1);
                let count = old.take(limit.min(all_but_newest)).count();
                self.changes.drain(..count);
                if let Some(newest) = self.changes.last_mut().filter(|row| row.at < before) {
                    newest.user = None;
                }
                return count;
            }
            Prunable::ErasedUsers => {
                for row in &mut self.changes {
                    if !stays(row.user.is_some() && row.erased && row.at < before) {
                        row.user = None;
                    }
                }
            }
        }
        limit - left
    }
}
