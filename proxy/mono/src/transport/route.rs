//! The fixed list of calls: nothing else ever leaves.
//!
//! The only variable parts of a path are ids of types that cannot hold a separator.

use reqwest::Method;

use crate::config::Generation;
use crate::id::{AccountId, JobId};

/// Every call that this client can make.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Route<'a> {
    Exchange,
    Account(&'a AccountId),
    Balance(&'a AccountId),
    Transactions(&'a AccountId),
    RealtimeBalance(&'a AccountId),
    RealtimeTransactions(&'a AccountId),
    Sync(&'a AccountId),
    Job(&'a AccountId, &'a JobId),
    Identity(&'a AccountId),
    Income(&'a AccountId),
    StartIncome(&'a AccountId),
    IncomeRecords(&'a AccountId),
    Assets(&'a AccountId),
    Earnings(&'a AccountId),
    Unlink(&'a AccountId),
    ReauthoriseToken(&'a AccountId),
    Initiate,
    Statement(&'a AccountId),
    StartStatementPdf(&'a AccountId),
    StatementPdf(&'a AccountId, &'a JobId),
    Credits(&'a AccountId),
    Debits(&'a AccountId),
    Institutions,
}

impl Route<'_> {
    /// The name for logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Account(_) => "account",
            Self::Balance(_) => "balance",
            Self::Transactions(_) => "transactions",
            Self::RealtimeBalance(_) => "realtime_balance",
            Self::RealtimeTransactions(_) => "realtime_transactions",
            Self::Sync(_) => "sync",
            Self::Job(..) => "job",
            Self::Identity(_) => "identity",
            Self::Income(_) => "income",
            Self::StartIncome(_) => "start_income",
            Self::IncomeRecords(_) => "income_records",
            Self::Assets(_) => "assets",
            Self::Earnings(_) => "earnings",
            Self::Unlink(_) => "unlink",
            Self::ReauthoriseToken(_) => "reauthorise_token",
            Self::Initiate => "initiate",
            Self::Statement(_) => "statement",
            Self::StartStatementPdf(_) => "start_statement_pdf",
            Self::StatementPdf(..) => "statement_pdf",
            Self::Credits(_) => "credits",
            Self::Debits(_) => "debits",
            Self::Institutions => "institutions",
        }
    }

    pub(super) const fn method(self) -> Method {
        match self {
            Self::Exchange
            | Self::ReauthoriseToken(_)
            | Self::Initiate
            | Self::Sync(_)
            | Self::Unlink(_) => Method::POST,
            Self::Account(_)
            | Self::Balance(_)
            | Self::Transactions(_)
            | Self::RealtimeBalance(_)
            | Self::RealtimeTransactions(_)
            | Self::Job(..)
            | Self::Statement(_)
            | Self::StartStatementPdf(_)
            | Self::StatementPdf(..)
            | Self::Credits(_)
            | Self::Debits(_)
            | Self::Institutions
            | Self::Identity(_)
            | Self::Income(_)
            | Self::StartIncome(_)
            | Self::IncomeRecords(_)
            | Self::Assets(_)
            | Self::Earnings(_) => Method::GET,
        }
    }

    /// Whether fresh data is asked for, which starts a job that is paid for.
    pub(super) const fn is_realtime(self) -> bool {
        matches!(
            self,
            Self::RealtimeBalance(_) | Self::RealtimeTransactions(_)
        )
    }

    /// Whether Mono has a limit for each account, so that an early call is no sign of a limit for all.
    pub(super) const fn is_limited_per_account(self) -> bool {
        matches!(self, Self::Sync(_)) || self.is_realtime()
    }

    /// Whether the call does nothing but read, so that a second one does no harm.
    pub(super) fn only_reads(self) -> bool {
        let starts_something =
            self.is_realtime() || matches!(self, Self::StartStatementPdf(_) | Self::StartIncome(_));
        self.method() == Method::GET && !starts_something
    }

    /// The account that the path names, so that a refusal can mean that it is unknown.
    pub(super) const fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Exchange | Self::Initiate | Self::Institutions => None,
            Self::Account(id)
            | Self::Balance(id)
            | Self::Transactions(id)
            | Self::RealtimeBalance(id)
            | Self::RealtimeTransactions(id)
            | Self::Sync(id)
            | Self::Job(id, _)
            | Self::Identity(id)
            | Self::Income(id)
            | Self::StartIncome(id)
            | Self::IncomeRecords(id)
            | Self::Assets(id)
            | Self::Earnings(id)
            | Self::Unlink(id)
            | Self::ReauthoriseToken(id)
            | Self::Statement(id)
            | Self::StartStatementPdf(id)
            | Self::StatementPdf(id, _)
            | Self::Credits(id)
            | Self::Debits(id) => Some(id),
        }
    }

    /// Whether the path names a job, so that a refusal can mean that it is unknown.
    pub(super) const fn names_job(self) -> bool {
        matches!(self, Self::Job(..) | Self::StatementPdf(..))
    }

    /// The path, or `None` when the generation has no such call.
    pub(super) fn path(self, generation: Generation) -> Option<String> {
        let prefix = match generation {
            Generation::V1 => "",
            Generation::V2 => "/v2",
        };
        match (self, generation) {
            (Self::Exchange, Generation::V1) => Some("/account/auth".to_owned()),
            (Self::Exchange, Generation::V2) => Some("/v2/accounts/auth".to_owned()),
            (Self::Account(id), _) => Some(format!("{prefix}/accounts/{id}")),
            (Self::Transactions(id), _) => Some(format!("{prefix}/accounts/{id}/transactions")),
            (Self::Identity(id), _) => Some(format!("{prefix}/accounts/{id}/identity")),
            (Self::Assets(id), _) => Some(format!("{prefix}/accounts/{id}/assets")),
            (Self::Earnings(id), _) => Some(format!("{prefix}/accounts/{id}/earnings")),
            (Self::Unlink(id), _) => Some(format!("{prefix}/accounts/{id}/unlink")),
            (Self::Income(id), Generation::V1) => Some(format!("/accounts/{id}/income")),
            (Self::StartIncome(id), Generation::V2) => Some(format!("/v2/accounts/{id}/income")),
            (Self::IncomeRecords(id), Generation::V2) => {
                Some(format!("/v2/accounts/{id}/income-records"))
            }
            // Never moved to /v2; older widgets need its token with either generation.
            (Self::ReauthoriseToken(id), _) => Some(format!("/accounts/{id}/reauthorise")),
            (Self::Balance(id) | Self::RealtimeBalance(id), Generation::V2) => {
                Some(format!("/v2/accounts/{id}/balance"))
            }
            (Self::RealtimeTransactions(id), Generation::V2) => {
                Some(format!("/v2/accounts/{id}/transactions"))
            }
            (Self::Job(id, job), Generation::V2) => Some(format!("/v2/accounts/{id}/jobs/{job}")),
            (Self::Sync(id), Generation::V1) => Some(format!("/accounts/{id}/sync")),
            (Self::Statement(id) | Self::StartStatementPdf(id), _) => {
                Some(format!("{prefix}/accounts/{id}/statement"))
            }
            (Self::StatementPdf(id, job), _) => {
                Some(format!("{prefix}/accounts/{id}/statement/jobs/{job}"))
            }
            (Self::Credits(id), _) => Some(format!("{prefix}/accounts/{id}/credits")),
            (Self::Debits(id), _) => Some(format!("{prefix}/accounts/{id}/debits")),
            (Self::Institutions, Generation::V1) => Some("/coverage".to_owned()),
            (Self::Institutions, Generation::V2) => Some("/v3/institutions".to_owned()),
            (Self::Initiate, Generation::V2) => Some("/v2/accounts/initiate".to_owned()),
            (
                Self::Balance(_)
                | Self::RealtimeBalance(_)
                | Self::RealtimeTransactions(_)
                | Self::Job(..)
                | Self::StartIncome(_)
                | Self::IncomeRecords(_)
                | Self::Initiate,
                Generation::V1,
            )
            // Real-time calls have taken the place of the one, an analysis that of the other.
            | (Self::Sync(_) | Self::Income(_), Generation::V2) => None,
        }
    }
}
