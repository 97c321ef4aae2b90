//! How the state looks to readers: the values that several answers and webhooks share, and the whole for `/_sim/state`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ledger::Entry;
use super::{LinkedAccount, Refusal, World};
use crate::clock::iso;

impl World {
    /// The status word as the dialect spells it.
    pub(crate) fn status_word(&self, account: &LinkedAccount) -> String {
        if self.settings.dialect.lower_case_status {
            account.data_status.to_lowercase()
        } else {
            account.data_status.clone()
        }
    }

    /// Mono's copy of the balance; absent until one was fetched.
    pub(crate) fn balance(&self, account: &LinkedAccount) -> Option<i64> {
        if account.is_processing() {
            return None;
        }
        let lines = account.balance_lines?;
        let booked = self.bank_account(account).ledger.balance_after(lines);
        Some(account.balance_override.unwrap_or(booked))
    }

    /// Mono's copy of the transactions, oldest first; empty until they were fetched.
    pub(crate) fn entries(&self, account: &LinkedAccount) -> &[Entry] {
        match account.transaction_lines {
            Some(lines) if !account.is_processing() => {
                self.bank_account(account).ledger.first(lines)
            }
            _ => &[],
        }
    }

    /// The last four digits; absent while the account is processing.
    pub(crate) fn bvn_last4(&self, account: &LinkedAccount) -> Option<&str> {
        let bvn = self.banks.bvn_of(account.bank_account);
        (!account.is_processing()).then(|| &bvn[bvn.len() - 4..])
    }

    /// `meta.ref`, where there is one and the dialect shows it.
    pub(crate) fn shown_reference<'a>(&self, account: &'a LinkedAccount) -> Option<&'a str> {
        self.settings.dialect.meta_ref.then_some(())?;
        account.reference.as_deref()
    }

    /// The answer of `GET /_sim/state`.
    pub(crate) fn state(&self) -> Value {
        let now = self.now();
        json!({
            "now": iso(now),
            "manual_clock": self.clock.is_manual(),
            "seed": self.identity.seed,
            "public_url": self.identity.public_url,
            "accounts": self.accounts.values().map(|a| self.account_state(a)).collect::<Vec<_>>(),
            "codes": self.codes.iter().map(|(code, c)| json!({
                "code": code, "account": c.account, "expires_at": iso(c.expires_at), "used": c.used,
            })).collect::<Vec<_>>(),
            "reauth_tokens": self.reauth_tokens.iter().map(|(token, t)| json!({
                "token": token, "account": t.account, "expires_at": iso(t.expires_at), "used": t.used,
            })).collect::<Vec<_>>(),
            "hosted_links": self.hosted_links.iter().map(|(id, l)| json!({
                "id": id, "url": format!("{}/link/{id}", self.identity.public_url),
                "account": l.account, "customer": l.customer, "ref": l.reference,
                "redirect_url": l.redirect_url, "created_at": iso(l.created_at),
            })).collect::<Vec<_>>(),
            "jobs": self.jobs.values().map(|job| json!({
                "id": job.id, "account": job.account, "name": job.kind.name(),
                "status": job.status.word(), "reauth_required": job.reauth_required,
                "has_new_data": job.new_data, "started_at": iso(job.started_at),
            })).collect::<Vec<_>>(),
            "customers": self.customers.values().collect::<Vec<_>>(),
            "due": self.agenda.len(),
            "next_due_at": self.agenda.next_at().map(iso),
        })
    }

    /// One linked account as `/_sim` shows it.
    pub(crate) fn account_state(&self, account: &LinkedAccount) -> Value {
        let bank = self.bank_account(account);
        let time = |at: Option<Timestamp>| at.map(iso);
        json!({
            "id": account.id,
            "name": bank.name,
            "account_number": bank.number,
            "institution": { "id": bank.institution.id, "name": bank.institution.name },
            "customer": account.customer,
            "ref": account.reference,
            "generation": account.generation,
            "data_status": account.data_status,
            "retrieved_data": account.retrieved,
            "balance": self.balance(account),
            "bank_balance": bank.ledger.balance(),
            "outcome": account.outcome,
            "reauth_required": self.needs_its_user(&account.id, self.now()),
            "reauth_forced": account.reauth_required,
            "linked_at": iso(account.linked_at),
            "updated_at": iso(account.updated_at),
            "logged_in_at": iso(account.logged_in_at),
            "unlinked_at": time(account.unlinked_at),
            "last_sync": time(account.last_sync),
        })
    }

    /// [`World::account_state`] by id, also of an unlinked account.
    pub(crate) fn account_state_of(&self, id: &str) -> Result<Value, Refusal> {
        self.accounts
            .get(id)
            .map(|a| self.account_state(a))
            .ok_or(Refusal::UnknownAccount)
    }
}
