//! Linking, exchanging, re-authorising and unlinking: the acts that make, open and end a linked account.

use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use super::World;
use super::account::{LinkedAccount, PROCESSING};
use super::customer::CustomerRef;
use super::events::Due;
use super::fetch::Cause;
use super::settings::Generation;
use super::webhook::Event;
use crate::clock::later;
use crate::random::{LOWER_AND_DIGITS, MIXED, UPPER_AND_DIGITS, object_id, word};

/// How long an authorisation code or a reauth token is good for.
pub(crate) const CODE_LIFE: Duration = Duration::from_mins(10);

/// Why Mono, or the simulator's control, refuses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No such account, or unlinked.
    #[error("This account does not exist.")]
    UnknownAccount,
    /// No such code was ever issued.
    #[error("Invalid authorisation code")]
    UnknownCode,
    /// Older than ten minutes.
    #[error("Authorisation code has expired")]
    CodeExpired,
    /// Exchanged before.
    #[error("Authorisation code has already been used")]
    CodeUsed,
    /// Reauth token unknown, expired or used.
    #[error("Invalid or expired re-authorisation token")]
    InvalidToken,
    /// No such customer.
    #[error("Invalid Customer Id, could not fetch customer")]
    UnknownCustomer,
    /// Another customer has this email.
    #[error("Customer already exists with similar credentials (email or names supplied)")]
    CustomerExists,
    /// No such hosted link.
    #[error("This link does not exist")]
    UnknownLink,
    /// No such institution.
    #[error("No such institution: {0}")]
    UnknownInstitution(String),
    /// No such bank account or bank user.
    #[error("No such bank account: {0}")]
    UnknownBankAccount(String),
    /// Within two minutes of the last manual sync.
    #[error("Data sync can only be called once every two minutes for an account")]
    SyncTooSoon,
    /// No such job of this account.
    #[error("This job does not exist.")]
    UnknownJob,
    /// Fields of a request with what is wrong about each.
    #[error("Validation error")]
    InvalidFields(Vec<(&'static str, &'static str)>),
    /// A control call that makes no sense.
    #[error("{0}")]
    Invalid(String),
}

/// A one-time authorisation code.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) account: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) used: bool,
}

/// A one-time token that lets the widget re-authorise an account.
#[derive(Debug, Clone)]
pub(crate) struct ReauthToken {
    pub(crate) account: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) used: bool,
}

/// What a link is made of.
#[derive(Debug, Clone)]
pub(crate) struct LinkRequest {
    pub(crate) bank_account: usize,
    pub(crate) customer: Option<CustomerRef>,
    pub(crate) reference: Option<String>,
    pub(crate) auth_method: Option<String>,
    pub(crate) generation: Option<Generation>,
    /// The account number that must match, when the caller asked for a match.
    pub(crate) match_number: Option<String>,
}

impl World {
    /// Links a bank account under a new id; its data is fetched from now on.
    ///
    /// # Errors
    /// An unknown customer id.
    pub(crate) fn link(&mut self, request: LinkRequest) -> Result<String, Refusal> {
        let now = self.now();
        let bank = &self.banks.accounts[request.bank_account];
        let owner = CustomerRef {
            name: Some(bank.name.clone()),
            ..CustomerRef::default()
        };
        let number = bank.number.clone();
        let default_method = bank.institution.auth_methods[0].to_owned();
        let customer = self.customer(&request.customer.unwrap_or(owner))?;
        let id = object_id(&mut self.ids);
        let data_request_id = format!("AL{}", word(&mut self.ids, UPPER_AND_DIGITS, 10));
        let account = LinkedAccount {
            id: id.clone(),
            bank_account: request.bank_account,
            customer,
            reference: request.reference,
            auth_method: request.auth_method.unwrap_or(default_method),
            generation: request
                .generation
                .unwrap_or(self.settings.webhook.generation),
            account_match: request.match_number.map(|wanted| wanted == number),
            data_status: PROCESSING.to_owned(),
            retrieved: Vec::new(),
            balance_lines: None,
            transaction_lines: None,
            balance_override: None,
            outcome: None,
            reauth_required: false,
            income_analysed: false,
            logged_in_at: now,
            linked_at: now,
            updated_at: now,
            unlinked_at: None,
            last_sync: None,
            data_request_id,
        };
        self.accounts.insert(id.clone(), account);
        self.emit(&id, &Event::Connected);
        self.plan_fetch(&id, Cause::Linked);
        self.plan_refresh(&id);
        Ok(id)
    }

    /// A fresh code for an account.
    pub(crate) fn issue_code(&mut self, account: &str) -> String {
        let code = format!("code_{}", word(&mut self.ids, LOWER_AND_DIGITS, 20));
        let expires_at = later(self.now(), CODE_LIFE);
        self.codes.insert(
            code.clone(),
            Code {
                account: account.to_owned(),
                expires_at,
                used: false,
            },
        );
        code
    }

    /// Takes a code for the account it stands for, once.
    ///
    /// # Errors
    /// Unknown, expired or used.
    pub(crate) fn exchange(&mut self, code: &str) -> Result<String, Refusal> {
        let now = self.now();
        let code = self.codes.get_mut(code).ok_or(Refusal::UnknownCode)?;
        if code.used {
            return Err(Refusal::CodeUsed);
        }
        if code.expires_at <= now {
            return Err(Refusal::CodeExpired);
        }
        code.used = true;
        Ok(code.account.clone())
    }

    /// A fresh reauth token for an account.
    pub(crate) fn issue_reauth_token(&mut self, account: &str) -> Result<String, Refusal> {
        self.account(account)?;
        let token = word(&mut self.ids, MIXED, 20);
        let expires_at = later(self.now(), CODE_LIFE);
        let issued = ReauthToken {
            account: account.to_owned(),
            expires_at,
            used: false,
        };
        self.reauth_tokens.insert(token.clone(), issued);
        Ok(token)
    }

    /// The account that a token opens now.
    pub(crate) fn account_of_token(&self, token: &str) -> Result<String, Refusal> {
        let now = self.now();
        let good = self
            .reauth_tokens
            .get(token)
            .filter(|t| !t.used && t.expires_at > now);
        let account = good
            .map(|t| t.account.clone())
            .ok_or(Refusal::InvalidToken)?;
        self.account(&account)?;
        Ok(account)
    }

    pub(crate) fn use_token(&mut self, token: &str) {
        if let Some(token) = self.reauth_tokens.get_mut(token) {
            token.used = true;
        }
    }

    /// The account's user logged in again.
    pub(crate) fn reauthorise(&mut self, id: &str) -> Result<(), Refusal> {
        let now = self.now();
        let account = self.account_mut(id)?;
        account.reauth_required = false;
        account.logged_in_at = now;
        let is_v1 = account.generation == Generation::V1;
        if !(is_v1 && self.settings.dialect.silent_reauth_in_v1) {
            self.emit(id, &Event::Reauthorised);
        }
        self.plan_fetch(id, Cause::Reauthorised);
        Ok(())
    }

    /// Ends a link.
    pub(crate) fn unlink(&mut self, id: &str) -> Result<(), Refusal> {
        let now = self.now();
        self.account(id)?;
        self.emit(id, &Event::Unlinked);
        self.account_mut(id)?.unlinked_at = Some(now);
        self.agenda.retain(|due| match due {
            Due::FetchDone { account, .. }
            | Due::Refresh { account }
            | Due::IncomeDone { account } => account != id,
            Due::JobDone { .. } | Due::Deliver { .. } | Due::Release { .. } => true,
        });
        Ok(())
    }

    fn plan_fetch(&mut self, id: &str, cause: Cause) {
        let at = later(self.now(), self.settings.processing_time);
        self.agenda.add(
            at,
            Due::FetchDone {
                account: id.to_owned(),
                cause,
            },
        );
    }
}
